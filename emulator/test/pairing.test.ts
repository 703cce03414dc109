// Linking devices: by QR, by code, refused, come back, unlinked; with bare Baileys alone.

import { WA_CERT_DETAILS } from 'baileys';
import { describe, expect, it } from 'vitest';
import { connect, eventually, memory, opened, pair, qrOf, synced } from './bare.ts';
import { closing, emulator, paired } from './setup.ts';

describe('pairing by QR', () => {
  it('reaches open with name, number and hidden id of the phone', async () => {
    const server = await emulator();
    const phone = server.phone({ name: '前台', number: '+86 138-1234-5678' });
    const bare = closing(await pair(server.plainUrl, (qr) => phone.scan(qr)));
    expect(bare.sock.user).toMatchObject({ name: '前台', id: '8613812345678:1@s.whatsapp.net' });
    expect(bare.sock.user?.lid).toBe(phone.lid.replace('@', ':1@'));
    await eventually(
      () => server.state().devices[0]?.preKeys === 9,
      'five prekeys, of which its phone took one, and five more',
    );
  });

  it('works under a pinned certificate root and over wss', async () => {
    const server = await emulator({ fewPreKeys: false });
    const before = WA_CERT_DETAILS.PUBLIC_KEY;
    WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(server.root);
    const { Agent } = await import('node:https');
    const agent = new Agent({ rejectUnauthorized: false });
    const phone = server.phone({ name: 'Desk' });
    closing(await pair(server.url, (qr) => phone.scan(qr), { agent }));
    await eventually(
      () => server.state().devices[0]?.preKeys === 811,
      'the 812 prekeys of a first login, of which its phone took one',
    );
    WA_CERT_DETAILS.PUBLIC_KEY = before;
  });

  it('refuses a text that is no QR code, one that nobody shows, and one with foreign keys', async () => {
    const server = await emulator();
    const phone = server.phone({ name: 'Desk' });
    await expect(phone.scan('hello')).rejects.toMatchObject({ code: 'WRONG_QR' });
    const bare = closing(connect(server.plainUrl));
    const qr = await qrOf(bare);
    const parts = qr.split(',');
    const unknown = [parts[0]?.replace(/#.*/, '#2@nobody'), ...parts.slice(1)].join(',');
    await expect(phone.scan(unknown)).rejects.toMatchObject({ code: 'UNKNOWN_QR' });
    const foreign = [parts[0], parts[2], parts[1], parts[3]].join(',');
    await expect(phone.scan(foreign)).rejects.toMatchObject({ code: 'QR_MISMATCH' });
    expect(bare.ended()).toBeUndefined();
    await phone.scan(qr);
    await eventually(() => bare.ended() === 515, 'the restart');
    await expect(phone.scan(qr)).rejects.toMatchObject({ code: 'UNKNOWN_QR' });
  });

  it('leaves no half-written device behind when the secret in the QR text is wrong', async () => {
    const server = await emulator();
    const phone = server.phone({ name: 'Desk' });
    const bare = closing(connect(server.plainUrl));
    const parts = (await qrOf(bare)).split(',');
    const wrong = [...parts.slice(0, 3), Buffer.alloc(32).toString('base64')].join(',');
    await expect(phone.scan(wrong)).rejects.toMatchObject({ code: 'UNKNOWN_QR' });
    expect(server.state().devices).toEqual([]);
    expect(bare.memory.auth.creds.me).toBeUndefined();
  });

  it('scans a connection with a push name as the phone of that name, and the same name is the same phone', async () => {
    const server = await emulator();
    const numbers: string[] = [];
    const scan = async (qr: string) => numbers.push((await server.scan(qr)).phone.number);
    for (const pushName of ['A', 'B', 'A']) closing(await pair(server.plainUrl, scan, { pushName }));
    expect(numbers[0]).toBe(numbers[2]);
    expect(numbers[1]).not.toBe(numbers[0]);
  });

  it('links four devices to one phone and refuses the fifth', async () => {
    const server = await emulator();
    for (let i = 0; i < 4; i++) await paired(server);
    const bare = closing(connect(server.plainUrl));
    await expect(server.scan(await qrOf(bare), server.phone({ name: 'Desk' }).id)).rejects.toMatchObject({
      code: 'TOO_MANY_DEVICES',
    });
  });
});

describe('pairing by code', () => {
  it('links the device when the user types the code it shows', async () => {
    const server = await emulator();
    const phone = server.phone({ name: 'Desk' });
    const bare = closing(connect(server.plainUrl));
    await qrOf(bare);
    const code = await bare.sock.requestPairingCode(phone.number.slice(1));
    await eventually(() => phone.enterPairingCode(code).catch(() => false), 'the code to be taken');
    await eventually(() => bare.ended() === 515, 'the restart');
    const again = closing(await opened(connect(server.plainUrl, bare.memory)));
    expect(again.sock.user?.id).toBe(phone.pn.replace('@', ':1@'));
  });

  it('refuses a wrong code and takes the right one afterwards', async () => {
    const server = await emulator();
    const phone = server.phone({ name: 'Desk' });
    await expect(phone.enterPairingCode('ABCD1234')).rejects.toMatchObject({ code: 'UNKNOWN_PAIRING_CODE' });
    const bare = closing(connect(server.plainUrl));
    await qrOf(bare);
    const code = await bare.sock.requestPairingCode(phone.number.slice(1), 'ABCD2345');
    await eventually(() => bare.stanzas.some(({ tag, attrs }) => tag === 'iq' && attrs.type === 'result'), 'the hello');
    await expect(phone.enterPairingCode('ZZZZ9999')).rejects.toMatchObject({ code: 'WRONG_PAIRING_CODE' });
    await phone.enterPairingCode(code);
    await eventually(() => bare.ended() === 515, 'the restart');
  });
});

describe('a linked device', () => {
  it('comes back with its saved credentials and needs no QR', async () => {
    const server = await emulator();
    const bare = await paired(server);
    await bare.close();
    const again = closing(await synced(await opened(connect(server.plainUrl, bare.memory))));
    expect(again.updates.some(({ qr }) => qr)).toBe(false);
  });

  it('is told 401 when its key is not the one it was linked with', async () => {
    const server = await emulator();
    const bare = await paired(server);
    await bare.close();
    const stranger = memory();
    Object.assign(stranger.auth.creds, { me: bare.memory.auth.creds.me });
    const other = closing(connect(server.plainUrl, stranger));
    await eventually(() => other.ended() === 401, 'the refusal');
  });

  it('is replaced by a second connection of the same device: 440', async () => {
    const server = await emulator();
    const bare = await paired(server);
    closing(await opened(connect(server.plainUrl, bare.memory)));
    await eventually(() => bare.ended() === 440, 'the first one to be replaced');
  });

  it('is logged out by its phone: 401, and its credentials are of no use any more', async () => {
    const server = await emulator();
    const phone = server.phone({ name: 'Desk' });
    const bare = await paired(server);
    await phone.logout();
    await eventually(() => bare.ended() === 401, 'the end');
    const again = closing(connect(server.plainUrl, bare.memory));
    await eventually(() => again.ended() === 401, 'the refusal');
    expect(server.state().devices).toEqual([]);
  });

  it('unlinks itself by logout', async () => {
    const server = await emulator();
    const bare = await paired(server);
    await bare.sock.logout();
    await eventually(() => server.state().devices.length === 0, 'the device to be forgotten');
  });

  it('is shut out while its phone is offline and let in afterwards', async () => {
    const server = await emulator();
    const phone = server.phone({ name: 'Desk' });
    const bare = await paired(server);
    phone.offline();
    await eventually(() => bare.ended() === 428, 'the drop');
    const early = closing(connect(server.plainUrl, bare.memory));
    await eventually(() => early.ended() === 428, 'the refusal');
    phone.back();
    closing(await opened(connect(server.plainUrl, bare.memory)));
  });
});
