// The exchange behind an eight-character pairing code; it never learns the code of the device, it only proves that both have the same.
import { createCipheriv, createDecipheriv, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { parseAddress, SERVER } from './address.ts';
import { EmulatorError } from './errors.ts';
import { agree, generateKeyPair, hkdf, type KeyPair, privateKeyObject } from './keys.ts';
import { bytesOf, childOf, type Node, node } from './nodes.ts';
import type { LinkedDevice, Registration } from './pairing.ts';
import type { Person } from './person.ts';
import { seconds } from './send.ts';
import type { World } from './world.ts';

const ROUNDS = 131_072;
const SALT = 32;
const CTR_IV = 16;
const GCM_IV = 12;
const GCM_TAG = 16;

const deriveKey = promisify(pbkdf2);

interface Settle {
  readonly resolve: (linked: LinkedDevice) => void;
  readonly reject: (error: EmulatorError) => void;
}

/** Where the exchange stands: the device has asked, or a phone has answered and waits for the proof. */
export type CodeExchange =
  | { readonly kind: 'asked'; readonly number: string; readonly wrapped: Buffer; readonly ref: Buffer }
  | {
      readonly kind: 'answered';
      readonly phone: Person;
      readonly asked: CodeExchange;
      readonly shared: Buffer;
      readonly settle: Settle;
    };

export function answerCompanionHello(world: World, registration: Registration, iq: Node, hello: Node): void {
  const wrapped = bytesOf(childOf(hello, 'link_code_pairing_wrapped_companion_ephemeral_pub'));
  const number = parseAddress(hello.attrs.jid ?? '')?.user;
  if (!number || wrapped?.length !== SALT + CTR_IV + 32) return;
  const ref = world.random(16);
  registration.code = { kind: 'asked', number, wrapped: Buffer.from(wrapped), ref };
  registration.connection.send(
    node('iq', { from: SERVER, type: 'result', id: iq.attrs.id }, [
      node('link_code_companion_reg', { stage: 'companion_hello' }, [node('link_code_pairing_ref', {}, ref)]),
    ]),
  );
}

/** The user types the code at the phone. Resolves when the device is linked. @throws EmulatorError */
export async function enterPairingCode(world: World, phone: Person, code: string): Promise<LinkedDevice> {
  let found: Registration | undefined;
  for (const registration of world.pairing.waiting()) {
    if (registration.code?.kind === 'asked' && registration.code.number === phone.number) found = registration;
  }
  const asked = found?.code;
  if (!found || asked?.kind !== 'asked') throw new EmulatorError('UNKNOWN_PAIRING_CODE', phone.id);
  const registration = found;
  const secret = code.replace(/[\s-]/g, '').toUpperCase();
  const ephemeral = generateKeyPair();
  const clientKey = createDecipheriv(
    'aes-256-ctr',
    await deriveKey(secret, asked.wrapped.subarray(0, SALT), ROUNDS, 32, 'sha256'),
    asked.wrapped.subarray(SALT, SALT + CTR_IV),
  ).update(asked.wrapped.subarray(SALT + CTR_IV));
  const shared = agree(privateKeyObject(ephemeral.private), clientKey);
  const wrapped = await wrap(world, secret, ephemeral);
  return new Promise((resolve, reject) => {
    registration.code = { kind: 'answered', phone, asked, shared, settle: { resolve, reject } };
    registration.connection.send(
      node(
        'notification',
        { from: SERVER, type: 'link_code_companion_reg', id: world.messageId(), t: seconds(world.clock()) },
        [
          node('link_code_companion_reg', { stage: 'primary_hello' }, [
            node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, wrapped),
            node('primary_identity_pub', {}, phone.identity.public),
            node('link_code_pairing_ref', {}, asked.ref),
          ]),
        ],
      ),
    );
  });
}

async function wrap(world: World, secret: string, ephemeral: KeyPair): Promise<Buffer> {
  const salt = world.random(SALT);
  const iv = world.random(CTR_IV);
  const key = await deriveKey(secret, salt, ROUNDS, 32, 'sha256');
  return Buffer.concat([salt, iv, createCipheriv('aes-256-ctr', key, iv).update(ephemeral.public)]);
}

export async function answerCompanionFinish(
  world: World,
  registration: Registration,
  iq: Node,
  finish: Node,
): Promise<void> {
  const { connection, code } = registration;
  // The result goes first: the client awaits it before it can take the pair-success.
  connection.send(node('iq', { from: SERVER, type: 'result', id: iq.attrs.id }));
  if (code?.kind !== 'answered') return;
  const { phone, shared, settle } = code;
  const identity = registration.candidate.identity;
  const random = openBundle(bytesOf(childOf(finish, 'link_code_pairing_wrapped_key_bundle')), shared, identity, phone);
  if (!random) {
    registration.code = code.asked;
    settle.reject(new EmulatorError('WRONG_PAIRING_CODE'));
    return;
  }
  const agreed = agree(privateKeyObject(phone.identity.private), identity);
  const secret = hkdf(Buffer.concat([shared, agreed, random]), Buffer.alloc(0), 'adv_secret', 32);
  // Not awaited: the device signs by a later stanza of this connection, which waits for this one.
  world.pairing.link(registration, phone, secret).then(settle.resolve, settle.reject);
}

/** @returns the 32 random bytes in it, or undefined when it was not sealed with the same code. */
function openBundle(bundle: Buffer | undefined, shared: Buffer, identity: Buffer, phone: Person): Buffer | undefined {
  if (bundle?.length !== SALT + GCM_IV + 96 + GCM_TAG) return undefined;
  const key = hkdf(shared, bundle.subarray(0, SALT), 'link_code_pairing_key_bundle_encryption_key', 32);
  const decipher = createDecipheriv('aes-256-gcm', key, bundle.subarray(SALT, SALT + GCM_IV));
  decipher.setAuthTag(bundle.subarray(-GCM_TAG));
  try {
    const plain = Buffer.concat([decipher.update(bundle.subarray(SALT + GCM_IV, -GCM_TAG)), decipher.final()]);
    const same = plain.subarray(0, 32).equals(identity) && plain.subarray(32, 64).equals(phone.identity.public);
    return same ? plain.subarray(64, 96) : undefined;
  } catch {
    return undefined;
  }
}
