// Files both ways through bare Baileys and the media host: sealed, checked, in part, dropped and asked for again.
import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { type AnyMessageContent, downloadContentFromMessage, downloadMediaMessage, type WAMessage } from 'baileys';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Emulator, Said } from '../src/index.ts';
import { sampleOf } from '../src/samples.ts';
import { type Bare, eventually, pair } from './bare.ts';
import { startOnce } from './setup.ts';
import { type Trust, trust } from './trust.ts';

let server: Emulator;
let bare: Bare;
let trusted: Trust;

beforeAll(async () => {
  server = await startOnce();
  trusted = await trust(await server.certificate());
  const phone = server.phone({ name: 'Desk' });
  bare = await pair(server.plainUrl, (qr) => phone.scan(qr), {
    fetchAgent: trusted.agent,
    options: { dispatcher: trusted.dispatcher },
  });
  return () => bare.close();
});

async function got(id: string | undefined): Promise<WAMessage> {
  return eventually(() => bare.upserts.find(({ message }) => message.key.id === id)?.message, 'the message');
}

async function opened(message: WAMessage): Promise<unknown> {
  return downloadMediaMessage(message, 'buffer', { options: { dispatcher: trusted.dispatcher } });
}

const FILES: readonly (readonly [Said, string, string])[] = [
  [{ kind: 'image', caption: '看图' }, 'imageMessage', 'image'],
  [{ kind: 'video', caption: 'film' }, 'videoMessage', 'video'],
  [{ kind: 'gif' }, 'videoMessage', 'gif'],
  [{ kind: 'video-note' }, 'ptvMessage', 'ptv'],
  [{ kind: 'audio' }, 'audioMessage', 'audio'],
  [{ kind: 'voice', seconds: 7 }, 'audioMessage', 'ptt'],
  [{ kind: 'document', name: '合同.pdf' }, 'documentMessage', 'document'],
  [{ kind: 'sticker' }, 'stickerMessage', 'sticker'],
];

describe('a file from a contact', () => {
  it.each(FILES)('arrives and opens: %o', async (said, field, mediatype) => {
    const contact = server.contact({ name: 'A' });
    const [id = ''] = await contact.send({ to: 'Desk', said });
    const message = await got(id);
    expect(Object.keys(message.message ?? {})).toContain(field);
    const { kind } = said;
    expect(await opened(message)).toEqual(sampleOf(sampleKind(kind)).bytes);
    const stanza = bare.stanzas.find(({ tag, attrs }) => tag === 'message' && attrs.id === id);
    expect(stanza?.attrs.type).toBe('media');
    const [enc] = Array.isArray(stanza?.content) ? stanza.content : [];
    expect(enc?.attrs.mediatype).toBe(mediatype);
    expect(contact.file(id)).toEqual(sampleOf(sampleKind(kind)).bytes);
  });

  it('bears the data that was given, its type, name and caption', async () => {
    const data = randomBytes(300_000);
    const [id] = await server.contact({ name: 'A' }).send({
      to: 'Desk',
      said: { kind: 'document', data, mime: 'application/zip', name: '资料.zip', caption: '请查收' },
    });
    const message = await got(id);
    const document = message.message?.documentWithCaptionMessage?.message?.documentMessage;
    expect(document).toMatchObject({ mimetype: 'application/zip', fileName: '资料.zip', caption: '请查收' });
    expect(await opened(message)).toEqual(data);
  });

  it('is given in part', async () => {
    const data = randomBytes(100_000);
    const [id] = await server.contact({ name: 'A' }).send({ to: 'Desk', said: { kind: 'image', data } });
    const image = (await got(id)).message?.imageMessage;
    if (!image) throw new Error('no image');
    const stream = await downloadContentFromMessage(image, 'image', {
      startByte: 1_600,
      endByte: 4_800,
      options: { dispatcher: trusted.dispatcher },
    });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks)).toEqual(data.subarray(1_600, 4_800));
  });

  it('may be seen once: marked, or withheld from linked devices as WhatsApp does it', async () => {
    const contact = server.contact({ name: 'A' });
    const [marked] = await contact.send({ to: 'Desk', said: { kind: 'image', viewOnce: true } });
    expect((await got(marked)).message?.viewOnceMessageV2?.message?.imageMessage?.viewOnce).toBe(true);
    const [withheld] = await contact.send({ to: 'Desk', said: { kind: 'image', viewOnce: 'withheld' } });
    const message = await got(withheld);
    expect(message.key.isViewOnce).toBe(true);
    expect(message.message).toBeFalsy();
  });

  it('reaches a group', async () => {
    const [a, b] = [server.contact({ name: 'A' }), server.contact({ name: 'B' })];
    const group = await server.group({ subject: 'Files', owner: a.id, members: [b.id, 'Desk'].map(idOf) });
    const [id] = await b.send({ to: group.id, said: { kind: 'image', caption: 'for all' } });
    const message = await got(id);
    expect(message.message?.imageMessage?.caption).toBe('for all');
    expect(await opened(message)).toEqual(sampleOf('image').bytes);
  });
});

const SENT: readonly (readonly [string, AnyMessageContent, string])[] = [
  ['image', { image: sampleOf('image').bytes, caption: '价目' }, 'image/jpeg'],
  ['video', { video: sampleOf('video').bytes }, 'video/mp4'],
  ['gif', { video: sampleOf('video').bytes, gifPlayback: true }, 'video/mp4'],
  [
    'voice',
    { audio: sampleOf('voice').bytes, ptt: true, mimetype: 'audio/ogg; codecs=opus' },
    'audio/ogg; codecs=opus',
  ],
  ['audio', { audio: sampleOf('voice').bytes, mimetype: 'audio/ogg' }, 'audio/ogg'],
  ['document', { document: randomBytes(200_000), mimetype: 'application/pdf', fileName: 'a.pdf' }, 'application/pdf'],
  ['sticker', { sticker: sampleOf('sticker').bytes }, 'image/webp'],
];

describe('a file from the client', () => {
  it.each(SENT)('is uploaded, fetched by the contact, opened and found good: %s', async (kind, content, mime) => {
    const contact = server.contact({ name: 'B' });
    const sent = await bare.sock.sendMessage(contact.pn, content);
    const id = sent?.key.id ?? '';
    const kept = await eventually(() => contact.inbox().find((each) => each.id === id), 'the file');
    expect(kept.kind).toBe(kind);
    expect(kept.file).toMatchObject({ ok: true, mime });
    expect(kept.file?.size).toBe(contact.file(id).length);
  });

  it('is refused when it is not what its hash says, and when no device vouches for it', async () => {
    const image = sampleOf('image').bytes;
    const hash = Buffer.alloc(32, 1).toString('base64url');
    const media = await bare.sock.refreshMediaConn(true);
    const [host] = media.hosts;
    const send = (auth: string) =>
      post(`https://${host?.hostname}/mms/image/${hash}?auth=${auth}&token=${hash}`, image);
    expect((await send(media.auth)).status).toBe(400);
    expect((await send('nobody')).status).toBe(401);
  });
});

describe('the media host', () => {
  it.each([404, 410, 500, 503])('fails with %i once, and works again', async (code) => {
    const [id] = await server.contact({ name: 'A' }).send({ to: 'Desk', said: { kind: 'sticker' } });
    const message = await got(id);
    server.fault({ kind: 'media-fail', target: 'download', code });
    await expect(opened(message)).rejects.toMatchObject({ output: { statusCode: code } });
    expect(await opened(message)).toEqual(sampleOf('sticker').bytes);
  });

  // Baileys' own download hears nothing of a cut: its promise stays open and the process dies of an uncaught error.
  it('cuts a download short', async () => {
    const said = { kind: 'image', data: randomBytes(500_000) } as const;
    const [id] = await server.contact({ name: 'A' }).send({ to: 'Desk', said });
    const url = (await got(id)).message?.imageMessage?.url ?? '';
    const fetched = async () => (await get(url)).length;
    server.fault({ kind: 'media-cut', target: 'download' });
    await expect(fetched()).rejects.toThrow('aborted');
    expect(await fetched()).toBe(500_016 - (500_000 % 16) + 10);
  });

  it('turns a bit over: what comes out is not what went in', async () => {
    const said = { kind: 'document', data: randomBytes(1_000) } as const;
    const [id] = await server.contact({ name: 'A' }).send({ to: 'Desk', said });
    const message = await got(id);
    server.fault({ kind: 'media-corrupt' });
    const bytes = await opened(message);
    expect(bytes).toHaveLength(1_000);
    expect(bytes).not.toEqual(said.data);
  });

  it('is slow', async () => {
    const [id] = await server.contact({ name: 'A' }).send({ to: 'Desk', said: { kind: 'sticker' } });
    const message = await got(id);
    server.fault({ kind: 'media-slow', ms: 300 });
    const began = performance.now();
    await opened(message);
    expect(performance.now() - began).toBeGreaterThanOrEqual(290);
  });

  it('refuses an upload: nothing is sent', async () => {
    const contact = server.contact({ name: 'B' });
    server.fault({ kind: 'media-fail', target: 'upload', code: 500 });
    await expect(bare.sock.sendMessage(contact.pn, { image: sampleOf('image').bytes })).rejects.toThrow(
      'upload failed',
    );
    await bare.sock.sendMessage(contact.pn, { image: sampleOf('image').bytes });
    await eventually(() => contact.inbox().length === 1, 'the second');
  });

  it('has dropped a file: the phone uploads it again when it is asked', async () => {
    const contact = server.contact({ name: 'A' });
    const [id = ''] = await contact.send({ to: 'Desk', said: { kind: 'image' } });
    const message = await got(id);
    contact.dropFile(id);
    await expect(opened(message)).rejects.toMatchObject({ output: { statusCode: 410 } });
    const before = message.message?.imageMessage?.directPath;
    // Baileys takes the host of the new address from here.
    await bare.sock.refreshMediaConn(true);
    const again = await bare.sock.updateMediaMessage(message);
    expect(again.message?.imageMessage?.directPath).not.toBe(before);
    expect(await opened(again)).toEqual(sampleOf('image').bytes);
  });

  it('has dropped a file that the phone has lost too', async () => {
    const contact = server.contact({ name: 'A' });
    const [id = ''] = await contact.send({ to: 'Desk', said: { kind: 'image' } });
    const message = await got(id);
    contact.dropFile(id);
    server.fault({ kind: 'media-lost' });
    await expect(bare.sock.updateMediaMessage(message)).rejects.toMatchObject({ output: { statusCode: 404 } });
  });
});

function idOf(name: string): string {
  return name === 'Desk' ? server.phone({ name }).id : name;
}

function sampleKind(kind: Said['kind']) {
  if (kind === 'image' || kind === 'sticker' || kind === 'document' || kind === 'voice' || kind === 'video')
    return kind;
  return kind === 'audio' ? 'voice' : 'video';
}

function get(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent: trusted.agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

function post(url: string, body: Buffer): Promise<{ readonly status: number | undefined }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent: trusted.agent }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
