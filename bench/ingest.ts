// bench ingest: how many messages a second one account takes, durable Pulseline beside bare Baileys that stores nothing: a burst of one contact, a group of 20 senders.
import { type Emulator, type Person, startEmulator } from '../test/emulator.ts';
import { median, type Report } from './report.ts';
import { burst, inTurns, type Linked, openBare, openProduct, type Side } from './sides.ts';

export interface IngestOptions {
  /** Messages of one burst. */
  readonly n: number;
  readonly rounds: number;
}

const SENDERS = 20;
/** Bare Baileys takes about 68 group messages a second: more would only take longer. */
const GROUP_SHARE = 20;
const GROUP_ROUNDS = 2;

interface Place {
  readonly side: Side;
  readonly linked: Linked;
  readonly contact: Person;
  readonly members: readonly Person[];
  readonly group: string;
}

export async function ingest({ n, rounds }: IngestOptions): Promise<Report> {
  const emulator = await startEmulator('');
  const sides: Side[] = [];
  try {
    sides.push(await openProduct(emulator), await openBare(emulator));
    const places: Place[] = [];
    for (const side of sides) places.push(await settle(emulator, side));
    const inGroup = Math.max(SENDERS, Math.floor(n / GROUP_SHARE));
    const single = await measure(places, rounds, (place, round) => one(emulator, place, `${round}`, n));
    const group = await measure(places, GROUP_ROUNDS, (place, round) => many(emulator, place, `${round}`, inGroup));
    return describe({ n, rounds }, inGroup, single, group);
  } finally {
    for (const side of sides) await side.close();
    await emulator.close();
  }
}

/** Sessions are opened and the code is warm before anything is counted. */
async function settle(emulator: Emulator, side: Side): Promise<Place> {
  const linked = await side.link();
  const contact = await emulator.contact(`One to ${side.name}`);
  const members: Person[] = [];
  for (let i = 0; i < SENDERS; i++) members.push(await emulator.contact(`Member ${i} of ${side.name}`));
  const group = await emulator.group(side.name, members[0] ?? contact, [...members, linked.phone]);
  const place = { side, linked, contact, members, group };
  await one(emulator, place, 'warm', 1_000);
  await many(emulator, place, 'warm', SENDERS * 2);
  return place;
}

function one(emulator: Emulator, { side, linked, contact }: Place, name: string, n: number): Promise<number> {
  return burst(emulator, side, linked, async () => {
    const { ids } = await emulator.send(contact, linked.phone.pn, `one ${name} {n}`, { n });
    return ids;
  });
}

/** They take turns, as people in a lively group do. */
function many(emulator: Emulator, { side, linked, members, group }: Place, name: string, n: number): Promise<number> {
  return burst(emulator, side, linked, async () => {
    const ids: string[] = [];
    for (let i = 0; i < n; i++) {
      const member = members[i % SENDERS];
      if (member !== undefined) ids.push(...(await emulator.send(member, group, `many ${name} ${i}`)).ids);
    }
    return ids;
  });
}

type Rates = Readonly<Record<Side['name'], readonly number[]>>;

async function measure(
  places: readonly Place[],
  rounds: number,
  run: (place: Place, round: number) => Promise<number>,
): Promise<Rates> {
  const rates = { pulseline: [] as number[], bare: [] as number[] } satisfies Record<Side['name'], number[]>;
  let round = 0;
  for (const place of inTurns(places, rounds)) rates[place.side.name].push(await run(place, round++));
  return rates;
}

function describe({ n, rounds }: IngestOptions, inGroup: number, single: Rates, group: Rates): Report {
  const row = (label: string, { pulseline, bare }: Rates): string[] => [
    label,
    pulseline.map(whole).join(', '),
    bare.map(whole).join(', '),
    (median(pulseline) / median(bare)).toFixed(2),
  ];
  const ratio = median(single.pulseline) / median(single.bare);
  return {
    bench: 'ingest',
    about: `Messages a second from the moment the server lets a burst go until a WebSocket client has the last of it. Pulseline commits every message, with its event and its Signal keys, with fsync before WhatsApp gets its receipt and the client its frame; bare Baileys has its keys in memory and stores nothing. The sides take turns on one emulator, which has encrypted the burst before; each figure is one round.`,
    command: `npm run bench -- ingest --n ${n} --rounds ${rounds}`,
    tables: [
      [
        ['', 'pulseline, durable', 'bare, in memory', 'ratio of the medians'],
        row(`a burst of ${n.toLocaleString('en')} from one contact`, single),
        row(`${inGroup} messages of ${SENDERS} senders in a group`, group),
      ],
    ],
    figures: {
      'one.pulseline_per_s': median(single.pulseline),
      'one.bare_per_s': median(single.bare),
      'one.ratio': ratio,
      'group.pulseline_per_s': median(group.pulseline),
      'group.bare_per_s': median(group.bare),
    },
    aims: [
      { text: 'a burst from one contact, durable, against bare Baileys in memory', value: ratio, least: 1 },
      { text: `messages a second in a group of ${SENDERS} senders`, value: median(group.pulseline), least: 300 },
    ],
    notes: [
      'Bare Baileys checks the signatures of group messages in JavaScript; Pulseline has Node’s native check put into libsignal.',
    ],
  };
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
