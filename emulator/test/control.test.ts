// The shapes of the control API and its refusals; no client is needed for them.
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { emulator } from './setup.ts';

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

async function api() {
  const server = await emulator();
  const ask = async (method: string, path: string, body?: unknown) => {
    const init =
      body === undefined ? { method } : { method, body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(server.controlUrl + path, init);
    const json: unknown = await response.json();
    return {
      status: response.status,
      body: json,
      id: String(field(json, 'id')),
      items: Array.isArray(json) ? json : [],
    };
  };
  return {
    server,
    post: (path: string, body: unknown) => ask('POST', path, body),
    get: (path: string) => ask('GET', path),
    ask,
  };
}

/** fetch does not let a test lie about Host. */
function rawStatus(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}/state`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('the control API', () => {
  it('makes people: the same phone for the same name, a new contact each time', async () => {
    const { post, get } = await api();
    const phone = await post('/phones', { name: '前台', number: '+8613812345678' });
    expect(phone).toMatchObject({
      status: 200,
      body: { id: 'p1', name: '前台', number: '+8613812345678', pn: '8613812345678@s.whatsapp.net' },
    });
    expect((await post('/phones', { name: '前台' })).id).toBe('p1');
    const contact = await post('/contacts', { name: 'A' });
    expect(contact.body).toEqual({
      id: 'c2',
      name: 'A',
      number: '+8613900000002',
      pn: '8613900000002@s.whatsapp.net',
      lid: expect.stringMatching(/^\d+@lid$/),
    });
    expect((await post('/contacts', { name: 'A' })).id).toBe('c3');
    expect((await get('/contacts')).body).toHaveLength(2);
    expect((await get('/phones')).body).toMatchObject([{ id: 'p1', offline: false, devices: [] }]);
  });

  it('carries messages between simulated people, each with its inbox and its log', async () => {
    const { post, get } = await api();
    await post('/contacts', { name: 'A' });
    await post('/contacts', { name: 'B' });
    const sent = await post('/contacts/c1/send', { to: 'c2', text: 'nr {n}', n: 3 });
    expect(sent.body).toMatchObject({ sent: 3, ids: [sent.id, expect.any(String), expect.any(String)] });
    const inbox = await get('/contacts/c2/inbox');
    expect(inbox.items.map((item) => field(item, 'text'))).toEqual(['nr 1', 'nr 2', 'nr 3']);
    expect(inbox.items[0]).toMatchObject({
      direction: 'in',
      kind: 'text',
      status: 'delivered',
      from: '8613900000001@s.whatsapp.net',
    });
    expect((await get(`/contacts/c2/inbox?after=${sent.id}&limit=1`)).body).toMatchObject([{ text: 'nr 2' }]);
    expect((await post('/contacts/c2/read', { id: sent.id })).body).toEqual({ read: [sent.id] });
    const log = await get('/contacts/c1/messages');
    expect(log.items.map((item) => field(item, 'status'))).toEqual(['read', 'delivered', 'delivered']);
    await post('/contacts/c2/autoread', {});
    expect((await get('/contacts/c1/messages')).items.at(-1)).toMatchObject({ status: 'read', direction: 'out' });
  });

  it('makes groups and changes their members', async () => {
    const { post, get } = await api();
    for (const name of ['A', 'B', 'C']) await post('/contacts', { name });
    const made = await post('/groups', { subject: '群', owner: 'c1', members: ['c2'] });
    expect(made.body).toMatchObject({
      id: expect.stringMatching(/@g\.us$/),
      subject: '群',
      members: [{ role: 'superadmin' }, { role: 'member' }],
    });
    expect(field((await post(`/groups/${made.id}/add`, { members: ['c3'] })).body, 'members')).toHaveLength(3);
    expect(field((await post(`/groups/${made.id}/remove`, { members: ['c2'] })).body, 'members')).toHaveLength(2);
    expect((await post('/contacts/c2/send', { to: made.id, text: 'x' })).body).toMatchObject({ code: 'NOT_A_MEMBER' });
    await post('/contacts/c3/send', { to: made.id, text: 'x' });
    expect((await get('/contacts/c1/inbox')).body).toMatchObject([{ to: made.id, text: 'x' }]);
  });

  it('shows its state and its faults, and takes faults back', async () => {
    const { post, get, ask } = await api();
    expect((await get('/state')).body).toMatchObject({ pending: {}, devices: [], connections: 0, people: 0 });
    await post('/faults', { kind: 'refuse-message', code: 463, n: 2 });
    expect((await get('/faults')).body).toMatchObject([{ kind: 'refuse-message', code: 463, left: 2 }]);
    await ask('DELETE', '/faults');
    expect((await get('/faults')).body).toEqual([]);
  });

  it.each([
    ['POST', '/contacts', '{', 400, 'BAD_JSON'],
    ['POST', '/contacts', '[]', 400, 'BAD_JSON'],
    ['POST', '/contacts', {}, 400, 'BAD_FIELD'],
    ['POST', '/contacts', { name: 7 }, 400, 'BAD_FIELD'],
    ['POST', '/contacts', { name: 'A', number: '12' }, 400, 'BAD_FIELD'],
    ['POST', '/contacts/c9/send', { to: 'c1', text: 'x' }, 404, 'UNKNOWN_PERSON'],
    ['POST', '/scan', 'not a QR', 400, 'WRONG_QR'],
    ['POST', '/scan', `2@x,${'A'.repeat(43)}=,${'A'.repeat(43)}=,AAAA`, 404, 'UNKNOWN_QR'],
    ['POST', '/pairing-codes', { phone: '+8613800000009', code: 'X' }, 404, 'UNKNOWN_PERSON'],
    ['POST', '/faults', { kind: 'nonsense' }, 400, 'BAD_FIELD'],
    ['POST', '/contacts', 'x'.repeat(1_100_000), 413, 'BODY_TOO_LARGE'],
    ['GET', '/nowhere', undefined, 404, 'NOT_FOUND'],
    ['GET', '/contacts/%E0%A4%A/inbox', undefined, 400, 'BAD_FIELD'],
  ])('refuses %s %s %j with %i %s', async (method, path, body, status, code) => {
    const { ask } = await api();
    const answer = await ask(method, path, body);
    expect(answer).toMatchObject({ status, body: { code, error: expect.any(String) } });
  });

  it('answers to loopback names and to pages of this machine only', async () => {
    const { server } = await api();
    expect(await rawStatus(server.controlUrl, { host: 'evil.example' })).toBe(421);
    expect(await rawStatus(server.controlUrl, { origin: 'https://evil.example' })).toBe(403);
    expect(await rawStatus(server.controlUrl, { origin: 'null' })).toBe(403);
    expect(await rawStatus(server.controlUrl, { origin: 'http://localhost:3000' })).toBe(200);
    expect(await rawStatus(server.controlUrl, { host: `localhost:${new URL(server.controlUrl).port}` })).toBe(200);
  });
});
