// What people do, request by request, phones and contacts alike; it never links a device and never changes a group.
import {
  type Body,
  bodyOf,
  type Call,
  flag,
  get,
  list,
  number,
  OK,
  optional,
  post,
  RawAnswer,
  type Route,
  required,
} from './body.ts';
import type { Driver } from './driver.ts';
import { EmulatorError } from './errors.ts';
import type { Kind, Person } from './person.ts';
import { TYPING } from './presence.ts';
import { MAX_SAID_BYTES, saidOf } from './said.ts';
import type { Change } from './writing.ts';

export function person(driver: Driver, { id }: Call, kind?: Kind): Person {
  const found = driver.world.people.get(id);
  if (kind !== undefined && found.kind !== kind)
    throw new EmulatorError(kind === 'phone' ? 'NOT_A_PHONE' : 'UNKNOWN_PERSON', id);
  return found;
}

async function send(driver: Driver, call: Call): Promise<object> {
  const body = bodyOf(call);
  const said = saidOf(body);
  const sentAt: number[] = [];
  const request = {
    to: required(body, 'to'),
    text: said ? undefined : required(body, 'text'),
    said,
    n: number(body, 'n'),
    rate: number(body, 'rate'),
    id: optional(body, 'id'),
    quote: optional(body, 'quote'),
    mentions: list(body, 'mentions'),
    expires: number(body, 'expires'),
  };
  const ids = await driver.writing.send(person(driver, call), request, (at) => sentAt.push(at));
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
    return { id: await driver.writing.change(person(driver, call), request) };
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

/** A file that the person got or sent, opened. */
function file(driver: Driver, call: Call): RawAnswer {
  const id = call.query.get('message') ?? '';
  return new RawAnswer('application/octet-stream', driver.writing.file(person(driver, call), id));
}

/** What everybody can do. */
function verbsOf(kind: 'phones' | 'contacts'): Route[] {
  return [
    post(`${kind}/:id/send`, send, MAX_SAID_BYTES),
    get(`${kind}/:id/inbox`, (driver, call) => page(driver, call, 'in')),
    get(`${kind}/:id/messages`, (driver, call) => page(driver, call)),
    get(`${kind}/:id/file`, file),
    post(`${kind}/:id/drop-file`, (driver, call) => {
      driver.writing.dropFile(person(driver, call), required(bodyOf(call), 'message'));
      return OK;
    }),
    post(
      `${kind}/:id/react`,
      change((body) => ({ do: 'react', emoji: body.emoji === '' ? '' : required(body, 'emoji') })),
    ),
    post(
      `${kind}/:id/edit`,
      change((body) => ({ do: 'edit', text: required(body, 'text') })),
    ),
    post(
      `${kind}/:id/delete`,
      change(() => ({ do: 'delete' })),
    ),
    post(`${kind}/:id/read`, async (driver, call) => {
      const body = bodyOf(call);
      const single = optional(body, 'id');
      return { read: await driver.read(person(driver, call), single === undefined ? list(body, 'ids') : [single]) };
    }),
    post(`${kind}/:id/autoread`, async (driver, call) => {
      await driver.autoread(person(driver, call), flag(bodyOf(call), 'autoread', 'enabled') ?? true);
      return OK;
    }),
    post(`${kind}/:id/typing`, (driver, call) => {
      const body = bodyOf(call);
      const state = TYPING.find((each) => each === (optional(body, 'state') ?? 'composing'));
      if (!state) throw new EmulatorError('BAD_FIELD', 'state');
      driver.typing(person(driver, call), required(body, 'to'), state);
      return OK;
    }),
    post(`${kind}/:id/reachable`, async (driver, call) => {
      await driver.reachable(person(driver, call), flag(bodyOf(call), 'reachable') ?? true);
      return OK;
    }),
  ];
}

export const PEOPLE_ROUTES: readonly Route[] = [
  ...verbsOf('phones'),
  ...verbsOf('contacts'),
  // Of a phone, `online` lets its devices in again.
  post('contacts/:id/online', async (driver, call) => {
    await driver.online(person(driver, call), flag(bodyOf(call), 'online') ?? true);
    return OK;
  }),
];
