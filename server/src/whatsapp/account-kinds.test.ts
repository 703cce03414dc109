// Kinds of messages in both directions against the emulator, each by the real engine: places, cards, polls and votes, business messages, marks, status and channel posts.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/engine-rig.ts';
import type { MemoryKeeper } from '../../test/memory-keeper.ts';
import { proto } from './library.ts';
import type { Content, FactOf, Job } from './port.ts';

type Contact = ReturnType<EngineRig['emulator']['contact']>;
type Said = NonNullable<Parameters<Contact['send']>[0]['said']>;

describe('an account', () => {
  let rig: EngineRig;
  let keeper: MemoryKeeper;
  let account: Awaited<ReturnType<EngineRig['runReady']>>;
  let ana: Contact;
  let count = 0;
  const previewed: string[] = [];
  beforeAll(async () => {
    rig = await EngineRig.open();
    keeper = rig.keeper;
    rig.previewer = (proxy) => ({
      of: async (text) => {
        previewed.push(`${proxy ?? 'direct'} ${text}`);
        return text.includes('https://shop.example') ? { url: 'https://shop.example', title: 'Shop' } : undefined;
      },
    });
    account = await rig.runReady();
    ana = rig.emulator.contact({ name: 'Ana' });
  });
  afterAll(() => rig.close());

  /** From the contact; what it became here. */
  async function heard(said: Said, more: { readonly expires?: number } = {}): Promise<FactOf<'message'>> {
    const [id = ''] = await ana.send({ to: 'Desk', said, ...more });
    const found = () => keeper.of('message').find(({ key }) => key.waId === id);
    await rig.until(() => found() !== undefined, said.kind);
    const fact = found();
    if (fact === undefined) throw new Error('no fact');
    return fact;
  }
  const raw = (message: Parameters<typeof proto.Message.encode>[0]): Said => ({
    kind: 'raw',
    message: Buffer.from(proto.Message.encode(message).finish()),
  });
  const changeOf = (waId: string) => keeper.of('change').find(({ target }) => target.waId === waId);

  it('location: hears a place and where a live one moves', async () => {
    expect(
      await heard({ kind: 'location', latitude: 31.23, longitude: 121.47, name: '外滩', address: '路' }),
    ).toMatchObject({
      kind: 'location',
      body: '外滩',
      content: { location: { latitude: 31.23, longitude: 121.47, name: '外滩', address: '路' } },
    });
    const first = await heard({ kind: 'live-location', latitude: 1, longitude: 2, sequence: 1 });
    expect(first.content?.location?.live).toMatchObject({ sequence: 1, at: first.timestamp });
    await ana.send({ to: 'Desk', said: { kind: 'live-location', latitude: 1, longitude: 3, sequence: 2 } });
    await rig.until(() => changeOf(first.key.waId) !== undefined, 'a move');
    expect(changeOf(first.key.waId)).toMatchObject({
      change: { kind: 'move', location: { longitude: 3 } },
      by: { pn: ana.pn },
    });
  });

  it('contact: hears one card and several', async () => {
    expect(await heard({ kind: 'contact', cards: [{ name: '李雷', number: '+86 139 1234 5678' }] })).toMatchObject({
      kind: 'contact',
      content: { contacts: [{ name: '李雷', phones: [{ address: '8613912345678@s.whatsapp.net' }] }] },
    });
    const cards = ['A', 'B'].map((name, n) => ({ name, number: `861390000001${n}` }));
    expect((await heard({ kind: 'contact', cards })).content?.contacts?.map(({ name }) => name)).toEqual(['A', 'B']);
  });

  it('poll: hears one with its secret, and a vote on it', async () => {
    const poll = await heard({ kind: 'poll', question: '几点？', options: ['9', '10'] });
    expect(poll).toMatchObject({
      kind: 'poll',
      body: '几点？',
      content: { poll: { options: ['9', '10'], selectable: 1 } },
    });
    expect(poll.content?.secret).toMatch(/^[0-9a-f]{64}$/);
    await ana.send({ to: 'Desk', said: { kind: 'vote', poll: poll.key.waId, options: ['10'] } });
    await rig.until(() => changeOf(poll.key.waId) !== undefined, 'a vote');
    expect(changeOf(poll.key.waId)).toMatchObject({
      target: { fromMe: false },
      change: { kind: 'vote', sealed: { payload: expect.any(String), iv: expect.any(String) } },
      by: { pn: ana.pn },
    });
  });

  it('text: hears what businesses send as words, and an unknown kind by its name', async () => {
    for (const kind of ['buttons', 'template', 'list', 'interactive'] as const) {
      const fact = await heard({ kind, text: '选择', footer: '店', options: ['是', '否'] });
      expect(fact).toMatchObject({ kind: 'text', rawType: `${kind}Message` });
      for (const word of ['选择', '店', '▸ 是', '▸ 否']) expect(fact.body).toContain(word);
    }
    expect(await heard(raw({ groupInviteMessage: { groupName: 'G', inviteCode: 'C' } }))).toMatchObject({
      kind: 'text',
      body: 'G\nhttps://chat.whatsapp.com/C',
    });
    expect(await heard(raw({ eventMessage: { name: 'Party' } }))).toMatchObject({ kind: 'text', body: 'Party' });
    expect(await heard(raw({ orderMessage: { orderTitle: 'O', itemCount: 2 } }))).toMatchObject({
      kind: 'text',
      body: 'O\n× 2',
    });
    expect(await heard(raw({ encCommentMessage: {} }))).toMatchObject({
      kind: 'unknown',
      rawType: 'encCommentMessage',
    });
  });

  it('text: hears marks: a preview, forwarded, disappearing; and what is in any envelope', async () => {
    const link = await heard({
      kind: 'link',
      text: 'see https://example.com',
      url: 'https://example.com',
      title: 'Example',
    });
    expect(link.content?.preview).toMatchObject({ url: 'https://example.com', title: 'Example' });
    expect((await heard({ kind: 'forward', message: link.key.waId })).content?.forwarded).toBe('once');
    expect((await heard({ kind: 'location', latitude: 1, longitude: 1 }, { expires: 86_400 })).content?.expires).toBe(
      86_400,
    );
    const inner = { message: { viewOnceMessageV2: { message: { imageMessage: { caption: 'once' } } } } };
    expect(await heard(raw({ ephemeralMessage: inner }))).toMatchObject({
      kind: 'image',
      body: 'once',
      content: { viewOnce: true },
    });
  });

  it('unknown: hears that there is something to be seen once, where WhatsApp withholds it', async () => {
    expect(await heard({ kind: 'image', viewOnce: 'withheld' })).toMatchObject({
      kind: 'unknown',
      rawType: 'view_once',
      content: { viewOnce: true },
    });
    await rig.until(() => rig.pending() === 0);
  });

  it('system: hears the timer of a chat, and a pin', async () => {
    expect(await heard({ kind: 'disappearing', seconds: 604_800 })).toMatchObject({
      kind: 'system',
      content: { timer: 604_800, notice: { code: 'disappearing', text: '604800' } },
    });
    const [id = ''] = await ana.send({ to: 'Desk', text: 'important' });
    await ana.send({ to: 'Desk', said: { kind: 'pin', message: id } });
    await rig.until(() => changeOf(id) !== undefined, 'a pin');
    expect(changeOf(id)?.change).toMatchObject({ kind: 'pin', until: expect.any(Number) });
  });

  /** By the account; what the contact's phone makes of it. */
  async function sent(bears: Content, text = '', change?: Extract<Job, { type: 'send' }>['change']) {
    const waId = `3EB0${String(++count).padStart(18, '0')}`;
    const to = { kind: 'person', pn: ana.pn } as const;
    const more = change === undefined ? {} : { change };
    keeper.enqueue({ id: `job_${count}`, account: 'acc_1', type: 'send', waId, to, text, bears, ...more });
    account.ring();
    const found = () => ana.inbox().find(({ id }) => id === waId);
    await rig.until(() => found() !== undefined && keeper.of('acked').some((fact) => fact.waId === waId), 'a send');
    return { waId, kept: found(), refused: keeper.of('acked').find((fact) => fact.waId === waId)?.error };
  }

  it('location, contact, poll, text with a preview: sends them, as the contact’s phone reads them', async () => {
    const location = { latitude: 31, longitude: 121, name: '店' };
    expect((await sent({ location })).kept).toMatchObject({ kind: 'location', text: '店' });
    const card = (name: string) => ({
      name,
      phones: [{ number: '+8613900000011', address: '8613900000011@s.whatsapp.net' }],
    });
    expect((await sent({ contacts: [card('韩梅')] })).kept).toMatchObject({ kind: 'contact', text: '韩梅' });
    expect((await sent({ contacts: [card('A'), card('B')] })).kept).toMatchObject({ kind: 'contact', text: 'A, B' });
    const preview = { url: 'https://example.com', title: 'Example' };
    expect((await sent({ preview, forwarded: 'many', expires: 86_400 }, 'see https://example.com')).kept).toMatchObject(
      {
        kind: 'text',
        text: 'see https://example.com',
      },
    );
    expect((await sent({ timer: 86_400 })).kept).toMatchObject({ kind: 'disappearing' });
  });

  it('text: is sent with what its link shows, which its own message bears too; without a link as it is', async () => {
    const { waId } = await sent({}, 'see https://shop.example');
    expect(keeper.of('sending').at(-1)).toMatchObject({ preview: { url: 'https://shop.example', title: 'Shop' } });
    const content = await keeper.sentContent('acc_1', waId);
    expect(proto.Message.decode(content ?? new Uint8Array()).extendedTextMessage).toMatchObject({
      text: 'see https://shop.example',
      matchedText: 'https://shop.example',
      title: 'Shop',
    });
    await sent({}, '*as* _typed_ ~here~');
    expect(ana.inbox().at(-1)?.text).toBe('*as* _typed_ ~here~');
    await sent({ location: { latitude: 1, longitude: 1 } });
    expect(previewed.slice(-2)).toEqual(['direct see https://shop.example', 'direct *as* _typed_ ~here~']);
  });

  it('system: sets the timer of a group, and hears who changes it', async () => {
    const desk = rig.emulator.phone({ name: 'Desk' });
    const group = await rig.emulator.group({ subject: '小组', owner: desk.id, members: [ana.id] });
    const chat = { kind: 'group', address: group.id } as const;
    const timers = () =>
      keeper
        .of('group')
        .flatMap((fact) => (fact.chat.kind === 'group' && fact.notice?.code === 'disappearing' ? [fact.timer] : []));
    for (const timer of [86_400, 0]) {
      const waId = `3EB0${String(++count).padStart(18, '0')}`;
      keeper.enqueue({
        id: `job_${count}`,
        account: 'acc_1',
        type: 'send',
        waId,
        to: chat,
        text: '',
        bears: { timer },
      });
      account.ring();
      await rig.until(
        () =>
          keeper.of('acked').some((fact) => fact.waId === waId && fact.error === undefined) &&
          timers().at(-1) === timer,
        'a timer',
      );
    }
    expect(timers()).toEqual([86_400, 0]);
  });

  it('poll: sends one, hears the contact’s vote on it, and votes on the contact’s', async () => {
    const secret = createHash('sha256').update('a poll').digest('hex');
    const { waId, kept, refused } = await sent({
      poll: { name: 'Tea?', options: ['yes', 'no'], selectable: 1 },
      secret,
    });
    expect([kept?.kind, kept?.text, refused]).toEqual(['poll', 'Tea?', undefined]);
    await ana.send({ to: 'Desk', said: { kind: 'vote', poll: waId, options: ['no'] } });
    await rig.until(() => changeOf(waId) !== undefined, 'a vote');
    expect(changeOf(waId)).toMatchObject({ target: { waId, fromMe: true }, change: { kind: 'vote' } });
  });

  it('text: hears status and channel posts, in chats of those kinds', async () => {
    const desk = rig.emulator.phone({ name: 'Desk' });
    await ana.postStatus({ kind: 'text', text: 'my day' }, [desk.id]);
    const channel = await rig.emulator.channel({ name: '新闻', followers: [desk.id] });
    await rig.emulator.postToChannel(channel.id, { kind: 'text', text: '大家好' });
    const of = (body: string) => keeper.of('message').find((fact) => fact.body === body);
    await rig.until(() => of('my day') !== undefined && of('大家好') !== undefined, 'the posts');
    expect(of('my day')?.key).toMatchObject({
      chat: { kind: 'status', address: 'status@broadcast' },
      author: { pn: ana.pn },
    });
    expect(of('大家好')?.key.chat).toEqual({ kind: 'channel', address: channel.id });
  });
});
