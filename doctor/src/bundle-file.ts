// The bundle as a zip on the disk: gathers what the doctor can reach, has it redacted, packs it; and reads one back to judge it again.
import { createHmac, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { assembleBundle, type BundleTask, bundleSettings, type Report, replayBundle } from '@pulseline/diagnosis';
import { CodedError, type Language, shape } from '@pulseline/protocol';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { parseJson } from './json.ts';
import type { Look } from './look.ts';
import type { World } from './world.ts';

const { anything, list, number, object, optional, record, string } = shape;
const accounts = object({ items: list(anything()) });
const conversations = object({ items: list(object({ lastMessage: optional(object({ id: string(200) })) })) });
const trace = object({ id: string(200), stamps: record(number()) });

const MOST_LOG = 10 * 1_048_576;
/** A file that inflates to more is none of ours. */
const MOST_UNPACKED = 64 * 1_048_576;
const MOST_TRACES = 200;

/** Returns the file's path. `given` '' = a name of our own in the working directory. Errors: BUNDLE_UNWRITABLE. */
export async function writeBundle(
  world: World,
  look: Look,
  given: string,
  recorded?: readonly Report[],
): Promise<string> {
  const { around, evidence, report } = look;
  const stamp = new Date(world.now()).toISOString().replace(/\D/g, '').slice(0, 14);
  const file = resolve(given === '' ? `pulseline-diagnosis-${stamp}.zip` : given);
  // Thrown away with this run: nobody can undo the pseudonyms, not even we.
  const salt = randomBytes(32);
  const files = await assembleBundle({
    version: report.version,
    lang: report.lang,
    at: report.at,
    around,
    evidence,
    ...(recorded !== undefined && { recorded }),
    tasks: tasks(world, look),
    hash: (text) => createHmac('sha256', salt).update(text).digest('hex'),

    late: (ms) => new Promise((resolve) => setTimeout(() => resolve('late'), ms).unref()),
  });
  try {
    await writeFile(
      file,
      zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))),
    );
  } catch (error) {
    throw new CodedError(
      'BUNDLE_UNWRITABLE',
      { file, detail: error instanceof Error ? error.message : String(error) },
      error,
    );
  }
  return file;
}

function tasks(world: World, { target }: Look): readonly BundleTask[] {
  const get = async (path: string): Promise<string> => {
    const answer = await world.request(`${target.base}${path}`, { most: 4_194_304 });
    if (answer.outcome !== 'answered' || answer.status !== 200)
      throw new Error(answer.outcome === 'answered' ? `HTTP ${answer.status}` : answer.code);
    return answer.body;
  };
  const waterfalls = async (): Promise<unknown> => {
    const chats = conversations.parse(JSON.parse(await get(`/api/conversations?limit=${MOST_TRACES}`))).items;
    const ids = chats.flatMap(({ lastMessage }) => lastMessage?.id ?? []);
    const texts = await Promise.all(
      ids.map((id) => get(`/api/messages/${encodeURIComponent(id)}/trace`).catch(() => '')),
    );
    return texts.flatMap((text) => parseJson(trace, text) ?? []);
  };
  return [
    { id: 'config', collect: async () => bundleSettings.map((setting) => configOf(setting, world.env[setting])) },
    { id: 'accounts', collect: async () => accounts.parse(JSON.parse(await get('/api/accounts'))).items },
    { id: 'waterfalls', collect: waterfalls },
    ...(target.foreign ? [] : [{ id: 'log' as const, collect: () => readLog(world, join(target.dataDir, 'logs')) }]),
  ];
}

function configOf(setting: string, value: string | undefined): object {
  return { setting, set: Boolean(value), ...(value && { value }) };
}

/** The newest files of the log, oldest line first. */
async function readLog(world: Pick<World, 'list' | 'read' | 'stat'>, folder: string): Promise<string> {
  const numbered = (await world.list(folder)).flatMap((name) => {
    const number = /^server\.(\d+)\.log$/.exec(name)?.[1];
    return number === undefined ? [] : [{ name, number: Number(number) }];
  });
  let text = '';
  for (const { name } of numbered.sort((a, b) => b.number - a.number)) {
    if (text.length >= MOST_LOG) break;
    const bytes = await world.read(join(folder, name), MOST_LOG);
    text = `${Buffer.from(bytes ?? []).toString('utf8')}${text}`;
  }
  if (numbered.length === 0) throw new Error('ENOENT');
  return text.slice(-MOST_LOG);
}

/** The diagnosis of a bundle, made anew from its evidence. Errors: BUNDLE_UNREADABLE. */
export async function readBundle(file: string, lang: Language): Promise<Report> {
  try {
    let size = 0;
    const files = unzipSync(await readFile(resolve(file)), {
      filter: ({ name, originalSize }) => {
        size += originalSize;
        if (size > MOST_UNPACKED) throw new Error('too large');
        return name === 'manifest.json' || name === 'evidence.json';
      },
    });
    return replayBundle(
      Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)])),
      lang,
    );
  } catch (error) {
    throw new CodedError(
      'BUNDLE_UNREADABLE',
      { file, detail: error instanceof Error ? error.message.slice(0, 200) : String(error) },
      error,
    );
  }
}
