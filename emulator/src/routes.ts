// The table of the control API: one line for each request, which parses it and asks the driver; it never answers a caller that was not checked.
import type { Change, Driver } from './driver.ts';
import { EmulatorError } from './errors.ts';
import { type Fault, IMMEDIATE, WAITING } from './faults.ts';
import { MEMBER_CHANGES } from './group-queries.ts';
import type { Kind, Person } from './person.ts';
import { TYPING } from './presence.ts';
import { groupView, personView, stateView } from './views.ts';

interface Call {
  /** The path's second part. */
  readonly id: string;
  readonly query: URLSearchParams;
  readonly text: string;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly pattern: readonly string[];
  readonly run: (driver: Driver, call: Call) => unknown;
}

type Body = Readonly<Record<string, unknown>>;

/** @throws EmulatorError BAD_JSON; an empty body is an empty object. */
function bodyOf({ text }: Call): Body {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new EmulatorError('BAD_JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new EmulatorError('BAD_JSON');
  return { ...value };
}

function optional(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new EmulatorError('BAD_FIELD', name);
}

function required(body: Body, name: string): string {
  const value = optional(body, name);
  if (value === undefined) throw new EmulatorError('BAD_FIELD', name);
  return value;
}

function number(body: Body, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new EmulatorError('BAD_FIELD', name);
}

/** A switch: `{on}`, or the route's own word, or nothing = on. */
function flag(body: Body, ...names: readonly string[]): boolean | undefined {
  for (const name of ['on', ...names]) {
    const value = body[name];
    if (typeof value === 'boolean') return value;
    if (value !== undefined) throw new EmulatorError('BAD_FIELD', name);
  }
  return undefined;
}

function list(body: Body, name: string): readonly string[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new EmulatorError('BAD_FIELD', name);
  return value.map((item: unknown) => {
    if (typeof item !== 'string') throw new EmulatorError('BAD_FIELD', name);
    return item;
  });
}

function person(driver: Driver, { id }: Call, kind?: Kind): Person {
  const found = driver.world.people.get(id);
  if (kind !== undefined && found.kind !== kind)
    throw new EmulatorError(kind === 'phone' ? 'NOT_A_PHONE' : 'UNKNOWN_PERSON', id);
  return found;
}

async function create(driver: Driver, kind: Kind, body: Body): Promise<object> {
  const name = kind === 'phone' ? optional(body, 'name') : required(body, 'name');
  const made = driver.createPerson(kind, name ?? 'Phone', optional(body, 'number'));
  await driver.world.store.stored();
  return personView(made);
}

function phoneView(driver: Driver, phone: Person): object {
  return {
    ...personView(phone),
    offline: driver.world.offline.has(phone.id),
    devices: driver.devicesOf(phone),
  };
}

function contactView(contact: Person): object {
  return { ...personView(contact), ...contact.settings };
}

function people(driver: Driver, kind: Kind): Person[] {
  return [...driver.world.people.all()].filter((each) => each.kind === kind);
}

/** The QR text bare, or JSON {qr, phone}. */
async function scan(driver: Driver, call: Call): Promise<object> {
  const body: Body = call.text.trimStart().startsWith('{') ? bodyOf(call) : { qr: call.text };
  const phone = optional(body, 'phone') ?? call.query.get('phone') ?? undefined;
  const linked = await driver.scan(required(body, 'qr'), phone);
  return { ...linked.phone, phone: linked.phone, device: linked.device };
}

async function send(driver: Driver, call: Call): Promise<object> {
  const body = bodyOf(call);
  const sentAt: number[] = [];
  const request = {
    to: required(body, 'to'),
    text: required(body, 'text'),
    n: number(body, 'n'),
    rate: number(body, 'rate'),
    id: optional(body, 'id'),
    quote: optional(body, 'quote'),
    mentions: list(body, 'mentions'),
  };
  const ids = await driver.send(person(driver, call), request, (at) => sentAt.push(at));
  return { id: ids[0], ids, sent: ids.length, sentAt };
}

/** `{message}` is the id; `{to, author}` where it has not come yet. */
function change(changeOf: (body: Body) => Change): Route['run'] {
  return async (driver, call) => {
    const body = bodyOf(call);
    const request = {
      message: required(body, 'message'),
      to: optional(body, 'to'),
      author: optional(body, 'author'),
      change: changeOf(body),
    };
    return { id: await driver.change(person(driver, call), request) };
  };
}

/** Inbox and messages: `after` is the id of a message, `limit` the most that are returned, `with` a person or group. */
function page(driver: Driver, call: Call, direction?: 'in'): object {
  const text = call.query.get('limit') ?? undefined;
  const limit = text === undefined ? undefined : Number(text);
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 0)) throw new EmulatorError('BAD_FIELD', 'limit');
  const after = call.query.get('after') ?? undefined;
  return driver.page(person(driver, call), { direction, after, limit, peer: call.query.get('with') ?? undefined });
}

function faultOf(body: Body): Fault {
  const kind = required(body, 'kind');
  const known = [...IMMEDIATE, ...WAITING].find((each) => each === kind);
  if (!known) throw new EmulatorError('BAD_FIELD', 'kind');
  return {
    kind: known,
    target:
      optional(body, 'device') ?? optional(body, 'phone') ?? optional(body, 'target') ?? optional(body, 'contact'),
    code: number(body, 'code'),
    n: number(body, 'n'),
    on: flag(body),
    conflict: optional(body, 'conflict'),
  };
}

const OK = { ok: true };

function post(path: string, run: Route['run']): Route {
  return { method: 'POST', pattern: path.split('/'), run };
}
function get(path: string, run: Route['run']): Route {
  return { method: 'GET', pattern: path.split('/'), run };
}

/** Of both kinds of people: what they do to a message. */
const changes = ['phones', 'contacts'].flatMap((kind) => [
  post(
    `${kind}/:id/react`,
    change((body) => ({ do: 'react', emoji: body['emoji'] === '' ? '' : required(body, 'emoji') })),
  ),
  post(
    `${kind}/:id/edit`,
    change((body) => ({ do: 'edit', text: required(body, 'text') })),
  ),
  post(
    `${kind}/:id/delete`,
    change(() => ({ do: 'delete' })),
  ),
]);

export const ROUTES: readonly Route[] = [
  ...changes,
  post('phones', (driver, call) => create(driver, 'phone', bodyOf(call))),
  get('phones', (driver) => people(driver, 'phone').map((phone) => phoneView(driver, phone))),
  get('phones/:id', (driver, call) => phoneView(driver, person(driver, call, 'phone'))),
  post('phones/:id/offline', (driver, call) => {
    driver.phoneOffline(person(driver, call, 'phone'));
    return OK;
  }),
  post('phones/:id/online', (driver, call) => {
    driver.phoneOnline(person(driver, call, 'phone'));
    return OK;
  }),
  post('phones/:id/logout', async (driver, call) => {
    await driver.logout(person(driver, call, 'phone'), optional(bodyOf(call), 'device'));
    return OK;
  }),
  post('phones/:id/send', send),
  get('phones/:id/messages', (driver, call) => page(driver, call)),
  post('scan', scan),
  post('pairing-codes', async (driver, call) => {
    const body = bodyOf(call);
    const linked = await driver.enterPairingCode(
      driver.world.people.get(required(body, 'phone')),
      required(body, 'code'),
    );
    return { ...linked.phone, phone: linked.phone, device: linked.device };
  }),
  post('contacts', (driver, call) => create(driver, 'contact', bodyOf(call))),
  get('contacts', (driver) => people(driver, 'contact').map((contact) => contactView(contact))),
  get('contacts/:id', (driver, call) => contactView(person(driver, call))),
  post('contacts/:id/send', send),
  get('contacts/:id/inbox', (driver, call) => page(driver, call, 'in')),
  get('contacts/:id/messages', (driver, call) => page(driver, call)),
  post('contacts/:id/read', async (driver, call) => {
    const body = bodyOf(call);
    const single = optional(body, 'id');
    return { read: await driver.read(person(driver, call), single === undefined ? list(body, 'ids') : [single]) };
  }),
  post('contacts/:id/autoread', async (driver, call) => {
    await driver.autoread(person(driver, call), flag(bodyOf(call), 'autoread', 'enabled') ?? true);
    return OK;
  }),
  post('contacts/:id/typing', (driver, call) => {
    const body = bodyOf(call);
    const state = TYPING.find((each) => each === (optional(body, 'state') ?? 'composing'));
    if (!state) throw new EmulatorError('BAD_FIELD', 'state');
    driver.typing(person(driver, call), required(body, 'to'), state);
    return OK;
  }),
  post('contacts/:id/online', async (driver, call) => {
    await driver.online(person(driver, call), flag(bodyOf(call), 'online') ?? true);
    return OK;
  }),
  post('contacts/:id/reachable', async (driver, call) => {
    await driver.reachable(person(driver, call), flag(bodyOf(call), 'reachable') ?? true);
    return OK;
  }),
  post('groups', (driver, call) => {
    const body = bodyOf(call);
    return driver.createGroup(required(body, 'subject'), required(body, 'owner'), list(body, 'members') ?? []);
  }),
  get('groups', (driver) => [...driver.world.groups.all()].map(groupView)),
  ...MEMBER_CHANGES.map((how) =>
    post(`groups/:id/${how}`, (driver, call) => {
      const body = bodyOf(call);
      return driver.changeGroup(call.id, how, list(body, 'members') ?? [], optional(body, 'by'));
    }),
  ),
  get('state', (driver) => stateView(driver.world)),
  post('faults', (driver, call) => {
    driver.fault(faultOf(bodyOf(call)));
    return OK;
  }),
  get('faults', (driver) => stateView(driver.world).faults),
  {
    method: 'DELETE',
    pattern: ['faults'],
    run: (driver) => {
      driver.world.faults.clear();
      for (const connection of driver.world.connections) connection.muted = false;
      for (const device of driver.world.devices()) device.pump();
      return OK;
    },
  },
];
