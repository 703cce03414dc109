// Requests about calls, status posts, channels, profiles and the past of a phone; it never writes a message from one person to another.
import { type Body, bodyOf, flag, get, list, number, OK, optional, post, type Route, required } from './body.ts';
import { CALL_ENDS } from './calls.ts';
import type { Said } from './compose.ts';
import { EmulatorError } from './errors.ts';
import { person } from './people-routes.ts';
import { MAX_SAID_BYTES, saidOf } from './said.ts';

function anything(body: Body): Said {
  return saidOf(body) ?? { kind: 'text', text: required(body, 'text') };
}

function imageOf(body: Body): Buffer | null | undefined {
  if (body.data === null) return null;
  const data = optional(body, 'data');
  return data === undefined ? undefined : Buffer.from(data, 'base64');
}

function verbsOf(kind: 'phones' | 'contacts'): Route[] {
  return [
    post(`${kind}/:id/call`, (driver, call) => {
      const body = bodyOf(call);
      const request = { video: body.video === true, group: optional(body, 'group') };
      return driver.social.call(person(driver, call), required(body, 'to'), request);
    }),
    post(
      `${kind}/:id/status`,
      async (driver, call) => {
        const body = bodyOf(call);
        return { id: await driver.social.postStatus(person(driver, call), anything(body), list(body, 'to')) };
      },
      MAX_SAID_BYTES,
    ),
    post(
      `${kind}/:id/picture`,
      async (driver, call) => ({
        id: (await driver.social.picture(person(driver, call), imageOf(bodyOf(call)))) ?? null,
      }),
      MAX_SAID_BYTES,
    ),
    post(`${kind}/:id/about`, async (driver, call) => {
      await driver.social.about(person(driver, call), required(bodyOf(call), 'text'));
      return OK;
    }),
    post(`${kind}/:id/block`, async (driver, call) => {
      const body = bodyOf(call);
      await driver.social.block(person(driver, call), required(body, 'person'), flag(body) ?? true);
      return OK;
    }),
    post(`${kind}/:id/privacy`, async (driver, call) => {
      const body = bodyOf(call);
      await driver.social.privacy(person(driver, call), required(body, 'name'), required(body, 'value'));
      return OK;
    }),
  ];
}

export const SOCIAL_ROUTES: readonly Route[] = [
  ...verbsOf('phones'),
  ...verbsOf('contacts'),
  post('phones/:id/past', async (driver, call) => {
    const body = bodyOf(call);
    const by = optional(body, 'by') ?? 'inline';
    if (by !== 'inline' && by !== 'media') throw new EmulatorError('BAD_FIELD', 'by');
    const given = ['chats', 'messages', 'recent', 'chunk'].flatMap((name) => {
      const value = number(body, name);
      return value === undefined ? [] : [[name, value] as const];
    });
    await driver.social.past(person(driver, call, 'phone'), Object.fromEntries(given), by);
    return OK;
  }),
  get('calls', (driver) => driver.social.calls()),
  ...CALL_ENDS.map((how) => post(`calls/:id/${how}`, (driver, call) => driver.social.endCall(call.id, how))),
  get('channels', (driver) => driver.social.channels()),
  post('channels', (driver, call) => {
    const body = bodyOf(call);
    const description = optional(body, 'description') ?? '';
    return driver.social.createChannel(required(body, 'name'), description, list(body, 'followers') ?? []);
  }),
  post(
    'channels/:id/post',
    async (driver, call) => ({ serverId: await driver.social.postToChannel(call.id, anything(bodyOf(call))) }),
    MAX_SAID_BYTES,
  ),
  post('channels/:id/react', async (driver, call) => {
    const body = bodyOf(call);
    await driver.social.reactInChannel(call.id, number(body, 'post') ?? 0, required(body, 'emoji'));
    return OK;
  }),
  post(
    'groups/:id/picture',
    async (driver, call) => ({ id: (await driver.social.picture(call.id, imageOf(bodyOf(call)))) ?? null }),
    MAX_SAID_BYTES,
  ),
];
