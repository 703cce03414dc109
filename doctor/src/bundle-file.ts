// stub: the bundle as a file.
import type { Report } from '@pulseline/diagnosis';
import type { Language } from '@pulseline/protocol';
import type { Look } from './look.ts';
import type { World } from './world.ts';
export async function readBundle(_file: string, _lang: Language): Promise<Report> {
  throw new Error('later');
}
export async function writeBundle(
  _world: World,
  _root: string,
  _look: Look,
  _file: string,
  _recorded: readonly Report[] = [],
): Promise<string> {
  throw new Error('later');
}
