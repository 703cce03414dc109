// What is looked at: the folder, the ports and the address that the pages use, from the environment and web/.env.local; it reads files and asks nobody.
import { join, resolve } from 'node:path';
import { API_BASE, type Fact, isLoopback, MOST_ENV_BYTES, readEnv } from '@pulseline/diagnosis';
import { codeOf, type World } from './world.ts';

export interface Target {
  /** The project's folder. */
  readonly root: string;
  /** Another computer's, or one that was named by --url: files and processes of here say nothing about it. */
  readonly foreign: boolean;
  readonly port: number;
  readonly webPort: number;
  readonly dataDir: string;
  /** Where the API is for the pages, without a slash at the end. */
  readonly base: string;
  readonly webBase: string;
}

type EnvFiles = Fact<'env.files'>;
type EnvBase = Fact<'env.base'>;

/** Next's order: the first that says something wins. */
const read = ['.env.production.local', '.env.local', '.env.production', '.env'] as const;
const legitimate = /^\.env(\.(local|development|production|test)(\.local)?|\.(example|sample|template))?$/;
const elsewhere = ['', 'server', join('web', 'src'), join('web', 'app'), join('web', 'public'), 'scripts'] as const;

export async function aim(
  world: World,
  root: string,
  url: string | undefined,
  base: EnvBase | undefined,
): Promise<Target> {
  const port = portOf(world.env['PORT'], 4_000);
  const webPort = portOf(world.env['WEB_PORT'], 3_000);
  const own = url === undefined ? (base?.origin ?? `http://localhost:${port}`) : new URL(url).origin;
  const host = new URL(own).hostname;
  return {
    root,
    foreign: url !== undefined && !(isLoopback(host) && new URL(own).port === String(port)),
    port,
    webPort,
    dataDir: resolve(root, world.env['DATA_DIR']?.trim() || 'data'),
    base: own,
    webBase: `http://localhost:${webPort}`,
  };
}

function portOf(text: string | undefined, standard: number): number {
  return /^\d{1,5}$/.test(text?.trim() ?? '') && Number(text) > 0 ? Number(text) : standard;
}

/** Every file that was meant to tell the pages where the API is, and what Pulseline makes of all of them. */
export async function envFacts(
  world: World,
  root: string,
): Promise<{ readonly files: EnvFiles; readonly base: EnvBase }> {
  const web = join(root, 'web');
  const inWeb = (await world.list(web)).filter((name) => /^[._]?env\b/i.test(name));
  const odd = inWeb.filter((name) => !legitimate.test(name) && !name.includes('.before-doctor-'));
  const known = await Promise.all(read.map((name) => describe(world, join(web, name), `web/${name}`, 'expected')));
  const misnamed = await Promise.all(odd.map((name) => describe(world, join(web, name), `web/${name}`, 'wrong-name')));
  const misplaced = await Promise.all(
    elsewhere.flatMap((folder) =>
      ['.env.local', '.env'].map((name) =>
        describe(
          world,
          join(root, folder, name),
          [folder.replaceAll('\\', '/'), name].filter(Boolean).join('/'),
          'wrong-folder',
        ),
      ),
    ),
  );
  const present = (file: Described | undefined): file is Described => file !== undefined;
  // Of what lies elsewhere or is called otherwise, only what speaks of our address was meant for it.
  const meant = [...misnamed, ...misplaced].filter(present).filter(({ mentions }) => mentions);
  const ours = known.filter(present).filter(({ fact, mentions }) => mentions || fact.path === 'web/.env.local');
  const given = world.env[API_BASE]?.trim();
  return {
    files: [...ours, ...meant].map(({ fact }) => fact),
    base: given
      ? baseOf(given, 'environment', false)
      : known
          .filter(present)
          .reduce<EnvBase>(
            (found, { fact, repaired }) =>
              found.source !== undefined || fact.value === undefined
                ? found
                : baseOf(fact.value, fact.path.slice(4), repaired),
            {},
          ),
  };
}

function baseOf(raw: string, source: string, repaired: boolean): EnvBase {
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  const told = { source, raw: shown(raw), ...(repaired && { repaired }) };
  if (url === undefined || !/^https?:$/.test(url.protocol)) return { ...told, refused: told.raw };
  return { ...told, origin: url.origin.replace('//[::1]', '//localhost') };
}

/** An address may bear a password. */
function shown(value: string): string {
  return value.replace(/\/\/[^@/]*@/, '//***@').slice(0, 200);
}

interface Described {
  readonly fact: EnvFiles[number];
  readonly mentions: boolean;
  readonly repaired: boolean;
}

async function describe(
  world: World,
  path: string,
  label: string,
  place: EnvFiles[number]['place'],
): Promise<Described | undefined> {
  const facts = await world.stat(path);
  const base = { path: label, place, names: [], oddities: [] };
  if (facts === undefined) return undefined;
  if (!facts.isFile) {
    const fact = { ...base, readable: false, error: 'EISDIR', oddities: ['directory'], modifiedAt: facts.modifiedAt };
    return { fact, mentions: place === 'expected', repaired: false };
  }
  let bytes: Uint8Array;
  try {
    bytes = (await world.read(path, MOST_ENV_BYTES)) ?? new Uint8Array();
  } catch (error) {
    const fact = { ...base, readable: false, error: codeOf(error) || String(error), modifiedAt: facts.modifiedAt };
    return { fact, mentions: place === 'expected', repaired: false };
  }
  const reading = readEnv(bytes);
  const keys = reading.lines.map(({ key }) => key);
  const right = reading.lines.filter(({ key }) => key === API_BASE);
  const { value, plain } = reading;
  const differing = new Set(right.map((line) => line.value)).size > 1;
  return {
    fact: {
      path: label,
      place,
      readable: true,
      encoding: encodingOf(bytes, reading),
      names: [...new Set(keys)],
      oddities: [
        ...new Set([
          ...reading.lines.flatMap(({ flaws }) => flaws),
          ...(differing ? ['duplicate'] : []),
          ...(bytes.includes(0) ? ['nul'] : []),
        ]),
      ],
      ...(value !== undefined && { value: shown(value) }),
      // '' = Next finds nothing where Pulseline does.
      ...(value !== undefined && { nextValue: shown(plain ?? '') }),
      modifiedAt: facts.modifiedAt,
    },
    mentions: reading.lines.length > 0,
    repaired: reading.repaired !== undefined,
  };
}

function encodingOf(
  bytes: Uint8Array,
  { encodings, mark, invalid }: ReturnType<typeof readEnv>,
): NonNullable<EnvFiles[number]['encoding']> {
  if (bytes.length === 0) return 'empty';
  if (bytes[0] === 0xff && bytes[1] === 0xfe && bytes[2] === 0 && bytes[3] === 0) return 'utf-32';
  if (encodings.length > 1) return 'mixed';
  const [only = 'utf-8'] = encodings;
  if (only !== 'utf-8') return only;
  if (mark) return 'utf-8-bom';
  if (invalid) return isGbk(bytes) ? 'gbk' : 'binary';
  return bytes.every((byte) => byte < 0x80) ? 'ascii' : 'utf-8';
}

/** Pairs of a high byte and a second one, as Chinese Windows writes them. */
function isGbk(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) continue;
    const second = bytes[at + 1] ?? 0;
    if (byte === 0x80 || byte === 0xff || second < 0x40 || second === 0x7f || second === 0xff) return false;
    at += 1;
  }
  return true;
}
