// R00 to R03, what must hold before anything is dialled: the runtime, web/.env.local, the effective addresses, the processes and their ports.
import { addressOf, isLocalNetwork, isLoopback, originOf } from '../address.ts';
import { check, sure } from '../check.ts';
import type { Fact, Facts } from '../facts.ts';
import type { Surroundings, Suspicion } from '../model.ts';
import { isAnswering } from './seen.ts';

const NAME = 'NEXT_PUBLIC_API_BASE_URL';
/** Ends of a start that rungs above name better. */
const namedAbove =
  /^(PORT_TAKEN|DISK_FULL|STORE_|SCHEMA_NEWER|DATA_DIR_UNWRITABLE|KEY_|SETTING_INVALID|HOST_NOT_LOOPBACK|EMFILE)/;

type EnvFile = Fact<'env.files'>[number];

/** Files at the right place. */
function envFiles({ 'env.files': files = [] }: Facts): readonly EnvFile[] {
  return files.filter(({ place }) => place === 'expected');
}

/** What is read rightly in spite of itself is only worth a word. */
function env(facts: Facts, params: Suspicion['params'] = {}): Suspicion {
  return {
    outcome: facts['env.base']?.repaired === true ? 'warn' : 'fail',
    params,
    seen: ['env.files', 'env.base'],
  };
}

function firstWith(facts: Facts, odd: (file: EnvFile) => boolean): Suspicion | undefined {
  const file = envFiles(facts).find(odd);
  return file && env(facts, { path: file.path, encoding: file.encoding ?? '', odd: file.oddities.join(', ') });
}

const misread = (file: EnvFile): boolean =>
  file.value !== undefined && 'nextValue' in file && file.nextValue !== file.value;

export const runtime = [
  check('R00.exec-policy', { severity: 'critical' }, (facts, around) => {
    const shell = facts['runtime.shell'];
    if (shell === undefined || around.system !== 'win32') return undefined;
    const refused = /running scripts is disabled|禁止运行脚本|无法加载文件|PSSecurityException|UnauthorizedAccess/i;
    const said = refused.test(shell.error ?? '');
    const strict = /^(Restricted|AllSigned)$/i.test(shell.policy ?? '') && around.shell.startsWith('powershell');
    if (!said && (!strict || isAnswering(facts))) return undefined;
    return { confidence: sure(said), params: { policy: shell.policy ?? '' }, seen: ['runtime.shell'] };
  }),
  check('R00.node-version', { severity: 'critical', cost: 'instant' }, ({ 'runtime.node': node }) => {
    const [, major = 0, minor = 0] = /^v?(\d+)\.(\d+)/.exec(node?.version ?? '')?.map(Number) ?? [];
    if (node === undefined || major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19))
      return undefined;
    return { params: { version: node.version }, seen: ['runtime.node'] };
  }),
  check('R00.not-installed', { severity: 'critical', cost: 'instant' }, ({ 'runtime.install': install }) =>
    install !== undefined && install.missing.length > 0
      ? {
          params: { missing: install.missing.slice(0, 5).join(', '), count: install.missing.length },
          seen: ['runtime.install'],
        }
      : undefined,
  ),
  check('R00.native-module', { severity: 'critical' }, ({ 'runtime.native': native }) =>
    native?.ok === false
      ? { params: { module: native.module, error: native.error ?? '' }, seen: ['runtime.native'] }
      : undefined,
  ),
  check('R00.pages-missing', {}, ({ 'runtime.install': install }) =>
    install?.pages === false ? { seen: ['runtime.install'] } : undefined,
  ),
  check('R00.start-failed', { severity: 'critical', fallback: true }, (facts) => {
    const crash = facts['runtime.crash'];
    if (crash === undefined || isAnswering(facts) || namedAbove.test(crash.code ?? '')) return undefined;
    return {
      confidence: 'likely',
      params: { code: crash.code ?? '', text: crash.text.slice(0, 500) },
      seen: ['runtime.crash'],
      rivals: ['R05.refused'],
    };
  }),
];

export const envFile = [
  check('R01.env-utf16', {}, (facts) => firstWith(facts, ({ encoding }) => encoding?.startsWith('utf-16') === true)),
  check('R01.env-mixed-encoding', {}, (facts) => firstWith(facts, ({ encoding }) => encoding === 'mixed')),
  check('R01.env-encoding', {}, (facts) =>
    firstWith(
      facts,
      (file) =>
        /^(utf-32|binary)$/.test(file.encoding ?? '') ||
        (/^(utf-8-bom|gbk)$/.test(file.encoding ?? '') && misread(file)),
    ),
  ),
  check('R01.env-unreadable', {}, (facts) => {
    const file = envFiles(facts).find(({ readable }) => !readable);
    return file && env(facts, { path: file.path, error: file.error ?? '' });
  }),
  check('R01.env-wrong-name', {}, (facts) => {
    const strayed = facts['env.files']?.find(({ place }) => place !== 'expected');
    const right = envFiles(facts).some(({ names }) => names.includes(NAME));
    return strayed === undefined || right ? undefined : env(facts, { path: strayed.path });
  }),
  check('R01.env-prefix', {}, (facts) => {
    if (envFiles(facts).some(({ names }) => names.includes(NAME))) return undefined;
    const name = envFiles(facts)
      .flatMap(({ names }) => names)
      .find((found) => /^(?!NEXT_PUBLIC_)\w*(API|BACKEND|SERVER|BASE)_?\w*(URL|BASE|ORIGIN)$/i.test(found));
    return name === undefined ? undefined : env(facts, { name });
  }),
  check('R01.env-misspelt', {}, (facts) => {
    if (envFiles(facts).some(({ names }) => names.includes(NAME))) return undefined;
    const name = envFiles(facts)
      .flatMap(({ names }) => names)
      .find((found) => /^NEXT_PUBLIC_\w*(API|URL|BASE)/i.test(found) || isNear(found, NAME));
    return name === undefined ? undefined : env(facts, { name });
  }),
  check('R01.env-bad-url', {}, (facts) => {
    const { refused, raw, source } = facts['env.base'] ?? {};
    const written = envFiles(facts).find(({ value }) => value !== undefined && value.trim() !== '')?.value;
    const value = refused ?? (source === undefined || source === 'environment' ? raw : undefined) ?? written ?? raw;
    if (value === undefined || value.trim() === '' || isPlainOrigin(value)) return undefined;
    return env(facts, { value: value.slice(0, 200) });
  }),
  check('R01.env-not-as-meant', { fallback: true }, (facts) =>
    firstWith(
      facts,
      (file) => misread(file) || file.encoding === 'gbk' || (file.oddities.length > 0 && file.value === undefined),
    ),
  ),
];

function isPlainOrigin(value: string): boolean {
  const address = addressOf(value);
  return address !== undefined && /^https?$/.test(address.scheme) && /^\/?$/.test(address.path);
}

/** At most two letters wrong, lost, added or in other case. */
function isNear(given: string, wanted: string): boolean {
  const [a, b] = [given.toUpperCase(), wanted.toUpperCase()];
  if (Math.abs(a.length - b.length) > 2) return false;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return (row[b.length] ?? 9) <= 2;
}

/** The address that pages use, by whoever knows it best. */
function baseOf(facts: Facts): string | undefined {
  return (
    facts['page.config']?.apiBase ??
    facts['page.context']?.apiBase ??
    facts['web.process']?.apiBase ??
    facts['env.base']?.origin
  );
}

/** A page asks a loopback address by the name that it was opened by itself. */
function isSameAddress(a: string, b: string): boolean {
  const [one, other] = [addressOf(a), addressOf(b)];
  if (one === undefined || other === undefined) return a === b;
  const sameHost = one.host === other.host || (isLoopback(one.host) && isLoopback(other.host));
  return sameHost && one.port === other.port && one.scheme === other.scheme;
}

/** Where the address stands that the pages use: the first place that says something wins. */
function whereOf(source: string | undefined): string {
  return source === 'environment' ? `$${NAME}` : `web/${source ?? '.env.local'}`;
}

export const config = [
  check('R02.setting-refused', { severity: 'critical' }, (facts) => {
    const crash = facts['runtime.crash'];
    if (!/^(SETTING_INVALID|HOST_NOT_LOOPBACK)$/.test(crash?.code ?? '') || isAnswering(facts)) return undefined;
    return { params: { code: crash?.code ?? '', text: crash?.text ?? '' }, seen: ['runtime.crash'] };
  }),
  check('R02.env-stale', {}, (facts) => {
    const web = facts['web.process'];
    const file = envFiles(facts).find(({ modifiedAt }) => modifiedAt !== undefined);
    if (web?.running !== true || web.startedAt === undefined || file?.modifiedAt === undefined) return undefined;
    if (file.modifiedAt <= web.startedAt + 1_000) return undefined;
    const wanted = originOf(file.value);
    if (web.apiBase !== undefined && (wanted === undefined || wanted === originOf(web.apiBase))) return undefined;
    return {
      confidence: sure(web.apiBase !== undefined),
      params: { value: file.value ?? '', used: web.apiBase ?? '' },
      seen: ['env.files', 'web.process'],
    };
  }),
  check('R02.port-mismatch', { severity: 'critical' }, (facts, { webPort }) => {
    const base = addressOf(baseOf(facts));
    const server = facts['server.address'];
    if (base === undefined || server === undefined || !isLoopback(base.host) || base.port === server.port)
      return undefined;
    // Something between may pass it on: what answers as Pulseline is no mismatch, but for the pages themselves.
    if (base.port !== webPort && isAnswering(facts) && addressOf(facts['http.status']?.url)?.port === base.port)
      return undefined;
    if (facts['server.lock']?.alive === false) return undefined;
    return {
      params: { server: server.port, page: base.port, where: whereOf(facts['env.base']?.source) },
      seen: ['server.address', 'page.config', 'env.base', 'web.process'],
    };
  }),
  check('R02.loopback-from-remote', { severity: 'critical', cost: 'instant' }, (facts) => {
    const page = addressOf(facts['page.context']?.location ?? facts['page.config']?.location);
    const base = addressOf(facts['page.context']?.apiBase ?? facts['page.config']?.apiBase);
    if (page === undefined || base === undefined || isLoopback(page.host)) return undefined;
    // Pages ask their own host where the address is a loopback one; without logins nobody listens there.
    const nobodyThere = base.host === page.host && base.scheme === page.scheme && !isAnswering(facts);
    if (!isLoopback(base.host) && !nobodyThere) return undefined;
    // A page of the world that asks for this computer is stopped by the browser: R09.lna.
    if (!isLocalNetwork(page.host)) return undefined;
    return { params: { page: page.host, base: base.host }, seen: ['page.context', 'page.config'] };
  }),
  check('R02.next-dev-origin', {}, ({ 'web.devOrigin': dev }) =>
    dev?.blocked === true ? { params: { host: dev.host }, seen: ['web.devOrigin'] } : undefined,
  ),
  check('R02.address-differs', { fallback: true, severity: 'warning' }, (facts) => {
    const meant = originOf(facts['env.base']?.origin);
    const used = originOf(facts['page.config']?.apiBase ?? facts['web.process']?.apiBase);
    if (meant === undefined || used === undefined || isSameAddress(meant, used)) return undefined;
    return { confidence: 'likely', params: { meant, used }, seen: ['env.base', 'page.config', 'web.process'] };
  }),
];

type Owner = Fact<'port.owners'>[number];

function owner(facts: Facts, find: (owner: Owner) => boolean): Owner | undefined {
  return facts['port.owners']?.find(find);
}

const paramsOf = ({ port, pid, name, bind }: Owner): NonNullable<Suspicion['params']> => ({
  port,
  pid: pid ?? '?',
  name: name ?? '?',
  bind: bind ?? '',
});

/** Is it Pulseline itself, though perhaps an older one, that answers on the API's port, or behind a proxy there? Then the port is not the fault. */
function isHeldByPulseline(facts: Facts, { port }: Owner, { port: api }: Surroundings): boolean {
  const status = facts['http.status'];
  return status?.product === 'pulseline' && (port === api || port === addressOf(status.url)?.port);
}

export const processes = [
  check('R03.port-taken', { severity: 'critical' }, (facts, around) => {
    const taken = owner(
      facts,
      (one) =>
        one.reserved !== true &&
        (one.shared === true || !isHeldByPulseline(facts, one, around)) &&
        (one.owner === 'other' || (one.bind === 'EADDRINUSE' && one.owner !== 'ours')),
    );
    if (taken !== undefined)
      return {
        params: paramsOf(taken),
        seen: ['port.owners', 'http.status'],
        confidence: sure(taken.owner === 'other'),
      };
    const crash = facts['runtime.crash'];
    if (crash?.code !== 'PORT_TAKEN' || isAnswering(facts)) return undefined;
    if (facts['port.owners']?.every(({ owner: by }) => by === 'nobody') === true) return undefined;
    const port = /\b(\d{2,5})\b/.exec(crash.text)?.[1] ?? around.port;
    return { confidence: 'likely', params: { port, pid: '?', name: '?', bind: '' }, seen: ['runtime.crash'] };
  }),
  check('R03.port-reserved', { severity: 'critical' }, (facts) => {
    const held = owner(facts, (one) => one.reserved === true || (one.bind === 'EACCES' && one.port >= 1_024));
    return held && { params: paramsOf(held), seen: ['port.owners'], confidence: sure(held.reserved === true) };
  }),
  check('R03.process-stopped', { severity: 'critical' }, (facts) => {
    const held = owner(facts, ({ stopped }) => stopped === true);
    return held && { params: paramsOf(held), seen: ['port.owners'] };
  }),
  check('R03.web-not-running', { severity: 'warning' }, (facts) => {
    if (!isAnswering(facts)) return undefined;
    const { 'web.process': web, 'web.page': page } = facts;
    if (page?.outcome === 'answered' ? (page.status ?? 200) < 500 : web?.running !== false && page === undefined)
      return undefined;
    return { params: { detail: page?.code ?? page?.outcome ?? '' }, seen: ['web.process', 'web.page'] };
  }),
  check('R03.bind-failed', { severity: 'critical', fallback: true }, (facts, around) => {
    const failed = owner(
      facts,
      (one) => one.bind !== undefined && !/^(ok|EADDRINUSE)$/i.test(one.bind) && !isHeldByPulseline(facts, one, around),
    );
    return failed && { params: paramsOf(failed), seen: ['port.owners'] };
  }),
];
