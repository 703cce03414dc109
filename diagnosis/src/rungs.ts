// The ladder's rungs, from the runtime to the resources: their names, what each stands on and the ones of a message's way; nothing is checked here.
import type { Words } from '@pulseline/protocol';

export interface Rung {
  readonly name: Words;
  /** Rungs that must hold before this one can be judged. */
  readonly on: readonly string[];
}

const table = {
  R00: { name: { zh: '运行环境', en: 'runtime' }, on: [] },
  R01: { name: { zh: '环境文件 web/.env.local', en: 'env file' }, on: [] },
  R02: { name: { zh: '生效的配置', en: 'effective config' }, on: ['R01'] },
  R03: { name: { zh: '进程与端口', en: 'process and port' }, on: ['R00'] },
  R04: { name: { zh: '域名解析', en: 'name resolution' }, on: ['R02'] },
  R05: { name: { zh: 'TCP 连接', en: 'TCP' }, on: ['R03', 'R04'] },
  R06: { name: { zh: 'HTTP 应答者', en: 'HTTP identity' }, on: ['R05'] },
  R07: { name: { zh: '时钟', en: 'clock' }, on: [] },
  R08: { name: { zh: '来源与主机', en: 'origin and host' }, on: ['R06'] },
  R09: { name: { zh: 'TLS 与浏览器限制', en: 'TLS and browser limits' }, on: ['R02'] },
  R10: { name: { zh: '代理与 Upgrade', en: 'proxy and Upgrade' }, on: ['R06', 'R08', 'R09'] },
  R11: { name: { zh: 'WebSocket 握手', en: 'WebSocket handshake' }, on: ['R10'] },
  R12: { name: { zh: '登录与会话', en: 'sign-in and session' }, on: ['R11'] },
  R13: { name: { zh: 'connected 帧', en: 'connected frame' }, on: ['R12'] },
  R14: { name: { zh: '心跳', en: 'heartbeat' }, on: ['R13'] },
  R15: { name: { zh: '续传', en: 'resume' }, on: ['R13'] },
  R16: { name: { zh: '通往 WhatsApp 的网络', en: 'way to WhatsApp' }, on: ['R06'] },
  R17: { name: { zh: 'WhatsApp 连接', en: 'WhatsApp socket' }, on: ['R16'] },
  R18: { name: { zh: 'WhatsApp 登录', en: 'WhatsApp login' }, on: ['R17'] },
  R19: { name: { zh: '消息监听', en: 'listener' }, on: ['R18'] },
  R20: { name: { zh: '解密', en: 'decryption' }, on: ['R19'] },
  R21: { name: { zh: '数据库写入', en: 'database' }, on: ['R06'] },
  R22: { name: { zh: '事件日志', en: 'event log' }, on: ['R21'] },
  R23: { name: { zh: '总线', en: 'bus' }, on: ['R22'] },
  R24: { name: { zh: '分发', en: 'hub' }, on: ['R23'] },
  R25: { name: { zh: '浏览器接收', en: 'browser receive' }, on: ['R13', 'R24'] },
  R26: { name: { zh: '页面显示', en: 'rendering' }, on: ['R25'] },
  R27: { name: { zh: 'Webhook 与 API', en: 'webhooks and API' }, on: ['R22'] },
  R28: { name: { zh: '系统资源', en: 'resources' }, on: [] },
} as const satisfies Record<string, Rung>;

export type RungId = keyof typeof table;
export const rungs: Readonly<Record<RungId, Rung>> = table;
/** From the lowest to the highest. */
export const rungIds: readonly RungId[] = Object.keys(table).filter((id): id is RungId => id in table);

/** `R05.refused` -> R05. Throws for an id that names no rung. */
export function rungOf(checkId: string): RungId {
  const found = rungIds.find((rung) => checkId.startsWith(`${rung}.`));
  if (found === undefined) throw new Error(`${checkId} stands on no rung`);
  return found;
}

/** All rungs that `rung` stands on, directly or not. */
export function under(rung: RungId): ReadonlySet<RungId> {
  const found = new Set<RungId>();
  const waiting: RungId[] = [rung];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const below of rungIds.filter((id) => rungs[next ?? 'R00'].on.includes(id))) {
      if (!found.has(below)) waiting.push(below);
      found.add(below);
    }
  }
  return found;
}
