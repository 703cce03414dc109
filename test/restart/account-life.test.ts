// The life of accounts over the whole product: the pace of their sends, what of their logins lies on the disk and in the log, what a lost, wrong, new or damaged key leads to, and what a removal leaves.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errors, fill, shape } from '@pulseline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Connection, text } from '../../server/src/store/sqlite.ts';
import { Vault } from '../../server/src/store/vault.ts';
import { type Emulator, type Person, startEmulator } from '../emulator.ts';
import { Product } from '../product.ts';
import { until } from '../until.ts';

const { object, string } = shape;
const bytesOf = object({ data: string() });
const keyPair = object({ private: bytesOf });
const credentials = object({
  noiseKey: keyPair,
  signedIdentityKey: keyPair,
  signedPreKey: object({ keyPair }),
  advSecretKey: string(),
});

describe('the accounts of the whole product', { timeout: 60_000 }, () => {
  let emulator: Emulator;
  let product: Product;
  let ana: Person;
  const ids: string[] = [];
  const phones: Person[] = [];
  const keyFile = () => `${product.dataDir}.key`;
  const database = () => join(product.dataDir, 'pulseline.db');

  beforeAll(async () => {
    emulator = await startEmulator();
    product = await Product.start({ env: { EMULATOR_URL: emulator.url, LOG_LEVEL: 'trace', SEND_PACE: '2/300' } });
    for (const label of ['One', 'Two']) {
      const { id } = await product.addAccount(label);
      phones.push(await emulator.scan(await product.qr(id)));
      await product.inState(id, 'READY');
      ids.push(id);
    }
    ana = await emulator.contact('Ana');
  });
  afterAll(async () => {
    await product?.close();
    await emulator?.close();
  });

  /** Every private key that the database holds, as text and as bytes. */
  function privateKeys(): readonly (string | Buffer)[] {
    const vault = new Vault({ current: readFileSync(keyFile(), 'utf8').trim() });
    const connection = new Connection(database(), { readOnly: true });
    try {
      const open = (table: 'credentials' | 'login_key', type: string, id: string, account: string, value: unknown) => {
        if (!(value instanceof Uint8Array)) throw new Error('no value');
        return Buffer.from(vault.open({ table, account, type, id }, { value, by: vault.id }));
      };
      const ofLogins = connection
        .prepare('SELECT account, value FROM credentials')
        .all()
        .flatMap((row) => {
          const opened = open('credentials', '', '', text(row, 'account'), row['value']).toString();
          const creds = credentials.parse(JSON.parse(opened));
          const { noiseKey, signedIdentityKey, signedPreKey, advSecretKey } = creds;
          const pairs = [noiseKey, signedIdentityKey, signedPreKey.keyPair].map((pair) => pair.private.data);
          return [...pairs, advSecretKey];
        });
      const ofSessions = connection
        .prepare("SELECT account, type, id, value FROM login_key WHERE type = 'session'")
        .all()
        .flatMap((row) => {
          const opened = open('login_key', 'session', text(row, 'id'), text(row, 'account'), row['value']).toString();
          return [...opened.matchAll(/"(?:privKey|rootKey|key)":"([A-Za-z0-9+/=]{40,})"/g)].map(([, key]) => key ?? '');
        });
      expect(ofLogins).toHaveLength(8);
      expect(ofSessions.length).toBeGreaterThan(1);
      return [...ofLogins, ...ofSessions].flatMap((key) => [key, Buffer.from(key, 'base64')]);
    } finally {
      connection.close();
    }
  }

  const inFiles = (secret: string | Buffer): readonly string[] =>
    [database(), `${database()}-wal`].filter((path) => existsSync(path) && readFileSync(path).includes(secret));

  /** A start that ends by itself; what it said. */
  async function refused(env: Readonly<Record<string, string>> = {}): Promise<string> {
    product.launch(env);
    expect(await product.ended()).toBe(1);
    return product.child.output();
  }

  it('send at their pace, and what waits is counted where people see it', async () => {
    const [id = ''] = ids;
    const bodies = Array.from({ length: 7 }, (_, n) => `paced ${n + 1}`);
    const start = performance.now();
    for (const body of bodies) await product.reply(id, ana.pn, body, body);
    const most = await until('a queue', async () => (await product.account(id)).queued);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(7);
    await until('all at the contact', async () => (await emulator.inbox(ana)).length === 7);
    // Two at once, five at 300 ms each.
    expect(performance.now() - start).toBeGreaterThan(5 * 300 - 50);
    expect((await emulator.inbox(ana)).map(({ text: body }) => body)).toEqual(bodies);
    await until('an empty queue', async () => (await product.account(id)).queued === undefined);
  });

  it('[G22] leave no private key on the disk or in the log, not even when libsignal prints its sessions', async () => {
    const [phone] = phones;
    if (phone === undefined) throw new Error('no phone');
    await emulator.send(ana, phone.pn, 'SECRETBODY one');
    // libsignal answers a message that it cannot read by printing the session, private keys included.
    await emulator.fault({ kind: 'corrupt-next', n: 2 });
    await emulator.send(ana, phone.pn, 'SECRETBODY two', { n: 3 });
    await until('everything readable', async () => {
      const messages = await product.allMessages(ids[0] ?? '');
      return messages.length === 11 && messages.every(({ kind }) => kind === 'text');
    });
    const output = product.child.output();
    for (const key of privateKeys()) {
      expect(inFiles(key)).toEqual([]);
      if (typeof key === 'string') expect(output).not.toContain(key);
    }
    expect(output).not.toMatch(/Closing session|SessionEntry|privKey/);
    expect(output).not.toContain(readFileSync(keyFile(), 'utf8').trim());
  });

  it('need their key: without it, or with another one, the start says so in both languages', async () => {
    await product.stop();
    const aside = `${keyFile()}.aside`;
    renameSync(keyFile(), aside);
    const missing = await refused();
    writeFileSync(keyFile(), 'ab'.repeat(32), { mode: 0o600 });
    const wrong = await refused();
    renameSync(aside, keyFile());
    const known = new Vault({ current: readFileSync(keyFile(), 'utf8').trim() }).id;
    const found = new Vault({ current: 'ab'.repeat(32) }).id;
    for (const language of ['zh', 'en'] as const) {
      expect(missing).toContain(fill(errors.KEY_MISSING.title[language], { file: keyFile(), known }));
      expect(wrong).toContain(fill(errors.KEY_WRONG.title[language], { found, known }));
    }
  });

  it('come under a new key at one start, and need no new scan', async () => {
    const aside = `${keyFile()}.old`;
    renameSync(keyFile(), aside);
    // Nobody has made the new key: only the old one is known, so it must be named as that.
    writeFileSync(keyFile(), `${'cd'.repeat(32)}\n`, { mode: 0o600 });
    await product.start({ PULSELINE_OLD_KEY: aside });
    expect(product.child.output()).toContain('encrypted anew');
    for (const id of ids) await product.inState(id, 'READY');
    await product.stop();
    await product.start();
    for (const id of ids) await product.inState(id, 'READY');
    for (const key of privateKeys()) expect(inFiles(key)).toEqual([]);
  });

  it('[G22] that are damaged stop their account and no other, and it can begin anew', async () => {
    await product.stop();
    const connection = new Connection(database());
    connection.exec(`UPDATE credentials SET value = zeroblob(3000) WHERE account = '${ids[0]}'`);
    connection.close();
    await product.start();
    const { reason } = await product.inState(ids[0] ?? '', 'FAILED');
    expect(reason).toMatchObject({ code: 'CREDENTIALS_UNREADABLE', fix: errors.CREDENTIALS_UNREADABLE.fix.en });
    await product.inState(ids[1] ?? '', 'READY');
    await product.call('POST', `/api/accounts/${ids[0]}/logout`);
    await product.inState(ids[0] ?? '', 'LOGGED_OUT');
    await product.call('POST', `/api/accounts/${ids[0]}/restart`);
    await product.inState(ids[0] ?? '', 'QR');
  });

  it('and all else of an account go when it is removed', async () => {
    expect(inFiles('SECRETBODY')).not.toEqual([]);
    await product.call('DELETE', `/api/accounts/${ids[0]}`);
    await until('nothing left of it', () => inFiles('SECRETBODY').length === 0 && inFiles(`${ids[0]}-x`).length === 0);
    await product.inState(ids[1] ?? '', 'READY');
  });
});
