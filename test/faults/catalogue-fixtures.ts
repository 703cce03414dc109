// Faults 10, 17, 26 and 44 from recorded evidence: what belongs to Windows, or to a mode of React, cannot be made here. Only the judging is tried.
import { diagnose, evidenceOf, type Facts, type Surroundings } from '@pulseline/diagnosis';
import { verdictOf } from './doctor.ts';
import type { Fault } from './fault.ts';

const at = Date.UTC(2026, 0, 1);
const windows: Surroundings = {
  system: 'win32',
  shell: 'powershell5',
  vantage: 'cli',
  now: at,
  port: 4000,
  webPort: 3000,
};

function recorded(facts: Facts, around: Surroundings = windows): Fault['make'] {
  return async () => ({
    async look() {
      const began = performance.now();
      const evidence = evidenceOf(facts, 'fixture', at);
      const report = diagnose(evidence, around, { version: '0', runId: 'fixture', lang: 'zh', at });
      return verdictOf(report, performance.now() - began);
    },
    end: async () => {},
  });
}

const refused = ['127.0.0.1', '::1'].map((address) => ({
  host: 'localhost',
  address,
  port: 4000,
  outcome: 'refused' as const,
  code: 'ECONNREFUSED',
  ms: 2_031,
}));

export const fixtures: readonly Fault[] = [
  {
    number: '10',
    ids: ['R03.port-reserved'],
    title: { zh: '端口被 Windows 保留', en: 'Windows keeps the port for itself' },
    sees: { zh: 'EACCES，netstat 却什么也看不到（Windows）', en: 'EACCES, yet netstat shows nothing (Windows)' },
    how: 'what a start on Windows says where Hyper-V has reserved the port',
    words: { zh: ['excludedportrange'], en: ['excludedportrange'] },
    fixture: true,
    fast: true,
    make: recorded({
      'runtime.node': { version: '20.20.2' },
      'runtime.crash': { code: 'PORT_TAKEN', text: 'Port 4000 is taken (EACCES)', at: at - 5_000 },
      'port.owners': [
        { port: 4000, owner: 'nobody', bind: 'EACCES', reserved: true },
        { port: 3000, owner: 'nobody', bind: '' },
      ],
      'tcp.dials': refused,
    }),
  },
  {
    number: '17',
    ids: ['R02.next-dev-origin'],
    title: { zh: '开发模式拒绝其他主机名', en: 'development refuses another host' },
    sees: { zh: '局域网里页面能打开，但没有反应', en: 'the page loads in the local network but is dead' },
    how: 'what `next dev` answers to its own resources under another Host',
    words: { zh: ['allowedDevOrigins'], en: ['allowedDevOrigins'] },
    fixture: true,
    fast: true,
    make: recorded({ 'web.devOrigin': { host: '192.168.1.20:3000', blocked: true } }),
  },
  {
    number: '26',
    ids: ['R11.strictmode-benign'],
    title: { zh: '开发模式的双挂载', en: "development's double mount" },
    sees: { zh: '只在开发模式有红色错误，但一切正常', en: 'a red error in development alone, yet all works' },
    how: 'what a page in development reports whose first socket was left within the same mount',
    words: { zh: ['忽略'], en: ['armless'] },
    fixture: true,
    fast: true,
    make: recorded(
      {
        'page.config': { apiBase: 'http://localhost:4000', location: 'http://localhost:3000', mode: 'development' },
        'ws.mounts': { abandoned: 1, open: true, development: true },
        'ws.hello': { outcome: 'arrived', ms: 12 },
      },
      { ...windows, vantage: 'browser' },
    ),
  },
  {
    number: '44',
    ids: ['R00.exec-policy'],
    title: { zh: 'PowerShell 不允许 npm.ps1', en: 'PowerShell forbids npm.ps1' },
    sees: { zh: 'npm.ps1 无法加载', en: 'npm.ps1 cannot be loaded' },
    how: 'what PowerShell 5.1 says under the policy Restricted',
    words: { zh: ['npm.cmd', 'RemoteSigned'], en: ['npm.cmd', 'RemoteSigned'] },
    fixture: true,
    fast: true,
    make: recorded({
      'runtime.node': { version: '20.20.2' },
      'runtime.shell': {
        policy: 'Restricted',
        error:
          'npm.ps1 cannot be loaded because running scripts is disabled on this system. For more information, see about_Execution_Policies',
      },
    }),
  },
];
