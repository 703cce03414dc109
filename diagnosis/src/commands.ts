// The commands that mend a fault, in the words of each shell; whoever shows them runs none.
import type { Params } from '@pulseline/protocol';
import type { CheckId } from './ids.ts';
import type { Command, Shell, Surroundings } from './model.ts';

type Lines = readonly string[];
type Recipe = (params: Params, around: Surroundings) => Partial<Record<Shell | 'powershell' | 'any', Lines>>;

const npm =
  (...lines: readonly string[]): Recipe =>
  () => ({ any: lines });

const envLine = (port: number | string): string => `NEXT_PUBLIC_API_BASE_URL=http://localhost:${port}`;
const writeEnv: Recipe = ({ where = 'web/.env.local' }, { port }) => ({
  powershell: [`Set-Content ${where} '${envLine(port)}' -Encoding ascii`],
  cmd: [`echo ${envLine(port)}>${String(where).replaceAll('/', '\\')}`],
  sh: [`printf '%s\\n' '${envLine(port)}' > ${where}`],
});

/** Who holds a port; the trap of `findstr ":4000"` (it finds :40001 too) is avoided. */
const whoHolds: Recipe = ({ port = 4_000 }) => ({
  powershell: [`Get-NetTCPConnection -LocalPort ${port} -State Listen | Select-Object OwningProcess`],
  cmd: [`netstat -ano | findstr /R /C:":${port} .*LISTENING"`],
  sh: [`lsof -nP -iTCP:${port} -sTCP:LISTEN`],
});

const end: Recipe = ({ pid = '<PID>' }) => ({
  powershell: [`Stop-Process -Id ${pid}`],
  cmd: [`taskkill /PID ${pid}`],
  sh: [`kill ${pid}`],
});

const both =
  (...recipes: readonly Recipe[]): Recipe =>
  (params, around) => {
    const all = recipes.map((recipe) => recipe(params, around));
    const of = (key: Shell | 'powershell' | 'any'): Lines => all.flatMap((one) => one[key] ?? []);
    return {
      any: of('any'),
      powershell: of('powershell'),
      powershell5: of('powershell5'),
      powershell7: of('powershell7'),
      cmd: of('cmd'),
      sh: of('sh'),
    };
  };

const env =
  (name: string, value: string): Recipe =>
  () => ({
    powershell: [`$env:${name} = '${value}'`],
    cmd: [`set ${name}=${value}`],
    sh: [`export ${name}='${value}'`],
  });

const disk: Recipe = () => ({
  powershell: ['Get-PSDrive -PSProvider FileSystem'],
  cmd: ['fsutil volume diskfree .'],
  sh: ['df -h .'],
});

const recipes: Partial<Record<CheckId, Recipe>> = {
  'R00.exec-policy': () => ({
    powershell: ['npm.cmd run dev', 'Set-ExecutionPolicy -Scope CurrentUser RemoteSigned'],
    cmd: ['npm run dev'],
  }),
  'R00.node-version': npm('node --version'),
  'R00.not-installed': npm('npm ci'),
  'R00.native-module': npm('npm ci'),
  'R00.pages-missing': npm('npm start'),
  'R00.start-failed': npm('npm start'),
  'R01.env-utf16': both(npm('npm run doctor -- --fix'), writeEnv),
  'R01.env-mixed-encoding': both(npm('npm run doctor -- --fix'), writeEnv),
  'R01.env-encoding': both(npm('npm run doctor -- --fix'), writeEnv),
  'R01.env-wrong-name': npm('npm run doctor -- --fix'),
  'R01.env-prefix': both(npm('npm run doctor -- --fix'), writeEnv),
  'R01.env-misspelt': both(npm('npm run doctor -- --fix'), writeEnv),
  'R01.env-bad-url': writeEnv,
  'R01.env-not-as-meant': both(npm('npm run doctor -- --fix'), writeEnv),
  'R02.env-stale': npm('npm start'),
  'R02.port-mismatch': ({ server = 4_000, where = 'web/.env.local' }, around) =>
    String(where).startsWith('$')
      ? env('NEXT_PUBLIC_API_BASE_URL', `http://localhost:${server}`)({}, around)
      : writeEnv({ where }, { ...around, port: Number(server) }),
  'R03.port-taken': both(whoHolds, end),
  'R03.port-reserved': () => ({
    powershell: ['netsh int ipv4 show excludedportrange protocol=tcp', 'net stop winnat', 'net start winnat'],
    cmd: ['netsh int ipv4 show excludedportrange protocol=tcp', 'net stop winnat', 'net start winnat'],
    sh: ["export PORT='4100'", 'npm start'],
  }),
  'R03.process-stopped': ({ pid = '<PID>' }) => ({
    sh: [`kill -CONT ${pid}`],
    powershell: [`Stop-Process -Id ${pid}`],
    cmd: [`taskkill /PID ${pid}`],
  }),
  'R03.web-not-running': npm('npm start'),
  'R03.bind-failed': both(env('PORT', '4100'), npm('npm start')),
  'R04.nxdomain': ({ host = 'localhost' }) => ({
    powershell: [`Resolve-DnsName ${host}`],
    cmd: [`nslookup ${host}`],
    sh: [`getent hosts ${host}`],
  }),
  'R04.resolver-down': () => ({
    powershell: ['Get-DnsClientServerAddress', 'Clear-DnsClientCache'],
    cmd: ['ipconfig /all', 'ipconfig /flushdns'],
    sh: ['cat /etc/resolv.conf'],
  }),
  'R05.refused': npm('npm start'),
  'R05.firewall-reject': both(whoHolds, allow),
  'R05.firewall-drop': allow,
  'R06.stale-instance': end,
  'R06.foreign-server': both(whoHolds, env('PORT', '4100')),
  'R06.silent': whoHolds,
  'R08.cors-origin': ({ origin = '' }, around) =>
    env('ALLOWED_ORIGINS', `http://localhost:${around.webPort},${origin}`)({}, around),
  'R08.host-check': ({ host = '' }, around) => env('PUBLIC_URL', `http://${host}`)({}, around),
  'R16.proxy-unreachable': env('WA_PROXY', 'http://127.0.0.1:7890'),
  'R16.proxy-credentials': env('WA_PROXY', 'http://user:password@127.0.0.1:7890'),
  'R16.egress-blocked': env('WA_PROXY', 'http://127.0.0.1:7890'),
  'R21.disk-full': disk,
  'R21.disk-low': disk,
  'R21.db-corrupt': npm('npm run restore'),
  'R28.fd-limit': () => ({ sh: ['ulimit -n 65536', 'npm start'], powershell: ['npm start'], cmd: ['npm start'] }),
};

function allow({ port = 4_000 }: Params, { system }: Surroundings): ReturnType<Recipe> {
  return {
    powershell: [
      `New-NetFirewallRule -DisplayName Pulseline -Direction Inbound -Protocol TCP -LocalPort ${port} -Action Allow`,
    ],
    cmd: [`netsh advfirewall firewall add rule name=Pulseline dir=in action=allow protocol=TCP localport=${port}`],
    sh:
      system === 'darwin'
        ? ['/usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate']
        : [`sudo ufw allow ${port}/tcp`, 'sudo iptables -L -n'],
  };
}

/** For the reader's shell. What a fault's parameters bring into a command is only letters that no shell reads as its own. */
export function commandsOf(id: CheckId, params: Params, around: Surroundings): readonly Command[] {
  const plain = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(/[^\w.:/,-]/g, '') : value,
    ]),
  );
  const found = recipes[id]?.(plain, around) ?? {};
  const { shell } = around;
  const lines = [
    ...(found.any ?? []),
    ...(shell.startsWith('powershell') ? (found.powershell ?? []) : []),
    ...(found[shell] ?? []),
  ];
  return lines.map((text) => ({ shell, text }));
}
