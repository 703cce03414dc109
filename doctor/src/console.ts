// What kind of terminal and shell the report is for: code page, colours, and the shell that commands are written in. It only asks.
import type { Shell, System } from '@pulseline/diagnosis';
import type { World } from './world.ts';

const UTF8_PAGE = '65001';

/** Does the console show something else than UTF-8? Windows tells by `chcp`, others by their locale. */
export async function isGarbled(world: World): Promise<boolean> {
  if (world.platform === 'win32') {
    const page = /(\d{3,5})/.exec((await world.run('chcp.com', [])) ?? '')?.[1];
    return page !== undefined && page !== UTF8_PAGE;
  }
  const locale = world.env['LC_ALL'] || world.env['LC_CTYPE'] || world.env['LANG'] || '';
  return locale !== '' && !/utf-?8/i.test(locale);
}

export function systemOf({ platform }: World): System {
  return platform === 'win32' || platform === 'darwin' ? platform : 'linux';
}

/**
 * The shell that npm was called from. On Windows the module path tells: PowerShell 7 puts its own folder first; whether
 * cmd or PowerShell asks, only the parent knows.
 */
export async function shellOf(world: World): Promise<Shell> {
  if (world.platform !== 'win32') return 'sh';
  const modules = world.env['PSModulePath'] ?? '';
  // Git Bash and MSYS.
  if (world.env['MSYSTEM'] || /bash/.test(world.env['SHELL'] ?? '')) return 'sh';
  if (/[\\/]powershell[\\/]7[\\/]|documents[\\/]powershell[\\/]/i.test(modules)) return 'powershell7';
  // cmd inherits the machine's PSModulePath; PowerShell 5 adds the user's folder to it.
  return /documents[\\/]windowspowershell/i.test(modules) ? 'powershell5' : 'cmd';
}
