// The table of the control API: one line for each request, which parses it and asks the driver; it never answers a caller that was not checked.
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
import { type Fault, IMMEDIATE, WAITING } from './faults.ts';
import { MEMBER_CHANGES } from './group-members.ts';
import { PAGE } from './page.ts';
import { PEOPLE_ROUTES, person } from './people-routes.ts';
import type { Kind, Person } from './person.ts';
import { phoneChangeOf } from './phone-change.ts';
import type { Step } from './scenario.ts';
import { SOCIAL_ROUTES } from './social-routes.ts';
import { groupView, personView, stateView } from './views.ts';

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

function faultOf(body: Body): Fault {
  const kind = required(body, 'kind');
  const known = [...IMMEDIATE, ...WAITING].find((each) => each === kind);
  if (!known) throw new EmulatorError('BAD_FIELD', 'kind');
  return {
    kind: known,
    target:
      optional(body, 'device') ?? optional(body, 'phone') ?? optional(body, 'target') ?? optional(body, 'contact'),
    code: number(body, 'code'),
    expire: number(body, 'expire'),
    n: number(body, 'n'),
    on: flag(body),
    ms: number(body, 'ms'),
    p: number(body, 'p'),
    seed: number(body, 'seed'),
    tag: optional(body, 'tag'),
    conflict: optional(body, 'conflict'),
  };
}

function stepsOf({ steps }: Body): Step[] {
  if (!Array.isArray(steps)) throw new EmulatorError('BAD_FIELD', 'steps');
  return steps.map((step: unknown) => {
    if (typeof step !== 'object' || step === null) throw new EmulatorError('BAD_FIELD', 'steps');
    const body: Body = { ...step };
    const { fault } = body;
    if (typeof fault !== 'object' || fault === null) throw new EmulatorError('BAD_FIELD', 'fault');
    return {
      at: number(body, 'at') ?? 0,
      every: number(body, 'every'),
      times: number(body, 'times'),
      jitter: number(body, 'jitter'),
      fault: faultOf({ ...fault }),
    };
  });
}

export const ROUTES: readonly Route[] = [
  ...PEOPLE_ROUTES,
  ...SOCIAL_ROUTES,
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
  post('phones/:id/change', async (driver, call) => {
    await driver.changeOnPhone(person(driver, call, 'phone'), phoneChangeOf(bodyOf(call)));
    return OK;
  }),
  get('phones/:id/shared', (driver, call) => driver.world.phoneStates.view(person(driver, call, 'phone'))),
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
  post('groups', (driver, call) => {
    const body = bodyOf(call);
    return driver.createGroup(required(body, 'subject'), required(body, 'owner'), list(body, 'members') ?? []);
  }),
  post('communities', (driver, call) => {
    const body = bodyOf(call);
    const [subject, owner] = [required(body, 'subject'), required(body, 'owner')];
    return driver.createCommunity(subject, owner, list(body, 'members') ?? [], list(body, 'groups') ?? []);
  }),
  post('groups/:id/ask', (driver, call) => driver.askToJoin(call.id, list(bodyOf(call), 'members') ?? [])),
  get('groups', (driver) => [...driver.world.groups.all()].map(groupView)),
  ...MEMBER_CHANGES.map((how) =>
    post(`groups/:id/${how}`, (driver, call) => {
      const body = bodyOf(call);
      return driver.changeGroup(call.id, how, list(body, 'members') ?? [], optional(body, 'by'));
    }),
  ),
  get(
    'certificate',
    async (driver) => new RawAnswer('application/x-pem-file', Buffer.from((await driver.world.tlsFiles()).cert)),
  ),
  { method: 'GET', pattern: [], run: () => new RawAnswer('text/html; charset=utf-8', Buffer.from(PAGE)) },
  get('usage', ({ world }) => {
    const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
    const stanzas = [...world.devices()].reduce((sum, { queue }) => sum + queue.size, 0);
    const queued = [...world.devices()].reduce((sum, { queue }) => sum + queue.weight, 0);
    const logged = [...world.people.all()].reduce((sum, each) => sum + world.logOf(each).weight, 0);
    const memory = { rss, heapUsed, heapTotal, external, arrayBuffers };
    return { ...memory, stanzas, queued, packed: queued + logged, connections: world.connections.size };
  }),
  get('faults/kinds', () => [...IMMEDIATE, ...WAITING]),
  get('state', (driver) => stateView(driver.world)),
  post('faults', async (driver, call) => {
    driver.fault(faultOf(bodyOf(call)));
    // What is answered is kept, so that it outlives a kill.
    await driver.world.store.stored();
    return OK;
  }),
  post('scenarios', (driver, call) => {
    const body = bodyOf(call);
    return driver.scenarios.start(stepsOf(body), number(body, 'seed'));
  }),
  get('scenarios', (driver) => driver.scenarios.all()),
  {
    method: 'DELETE',
    pattern: ['scenarios'],
    run: (driver) => {
      driver.scenarios.stop();
      return OK;
    },
  },
  get('faults', (driver) => stateView(driver.world).faults),
  {
    method: 'DELETE',
    pattern: ['faults'],
    run: async (driver) => {
      driver.world.faults.clear();
      for (const connection of driver.world.connections) connection.muted = false;
      for (const device of driver.world.devices()) device.pump();
      await driver.world.store.stored();
      return OK;
    },
  },
];
