// Linking a new device to a phone, by QR code or by an eight-character code; it never lets in a device that was linked before.
import { createHmac } from 'node:crypto';
import { SERVER } from './address.ts';
import type { ClientPayload, Connection } from './connection.ts';
import { announceDevice } from './device-list.ts';
import { EmulatorError } from './errors.ts';
import { bytesOf, childOf, type Node, node, words } from './nodes.ts';
import type { ClientProof } from './noise.ts';
import { answerCompanionFinish, answerCompanionHello, type CodeExchange } from './pairing-code.ts';
import type { Companion, Person } from './person.ts';
import { wire } from './wire.ts';
import type { World } from './world.ts';
import { sign } from './xeddsa.ts';

/** How many QR codes one connection may show; Baileys gives each 20 s, the first 60 s. */
const REFS = 6;
const SIGN_TIMEOUT_MS = 20_000;
const ACCOUNT_SIGNATURE_PREFIX = Buffer.from([6, 0]);

/** What the client said of itself when it asked to be linked. */
interface Candidate {
  readonly noiseKey: Buffer;
  readonly identity: Buffer;
  readonly registrationId: number;
  readonly signedPreKey: { readonly id: number; readonly value: Buffer; readonly signature: Buffer };
  readonly pushName: string | undefined;
}

/** A phone has agreed and waits for the device's signature. */
interface Offer {
  readonly iq: string;
  readonly phone: Person;
  readonly device: number;
  readonly keyIndex: number;
  readonly details: Buffer;
  readonly accountSignature: Buffer;
  readonly settle: (result: LinkedDevice | EmulatorError) => void;
}

export interface LinkedDevice {
  readonly phone: Person;
  /** Address of the device by phone number. */
  readonly jid: string;
}

export interface Registration {
  readonly connection: Connection;
  readonly candidate: Candidate;
  readonly refs: ReadonlySet<string>;
  offer: Offer | undefined;
  code: CodeExchange | undefined;
}

interface QrText {
  readonly ref: string;
  readonly noiseKey: Buffer;
  readonly identity: Buffer;
  readonly secret: Buffer;
}

/** @throws EmulatorError WRONG_QR */
export function parseQr(text: string): QrText {
  const parts = text
    .trim()
    .replace(/^https?:\/\/[^#]*#/, '')
    .split(',');
  const [ref, noiseKey, identity, secret] = parts;
  if (!ref || !noiseKey || !identity || !secret) throw new EmulatorError('WRONG_QR');
  const qr = {
    ref,
    noiseKey: Buffer.from(noiseKey, 'base64'),
    identity: Buffer.from(identity, 'base64'),
    secret: Buffer.from(secret, 'base64'),
  };
  if (qr.noiseKey.length !== 32 || qr.identity.length !== 32 || qr.secret.length === 0)
    throw new EmulatorError('WRONG_QR');
  return qr;
}

function parseCandidate(proof: ClientProof, payload: ClientPayload): Candidate | undefined {
  const data = payload.devicePairingData;
  if (!data?.eIdent || !data.eRegid || !data.eSkeyId || !data.eSkeyVal || !data.eSkeySig) return undefined;
  if (data.eIdent.length !== 32 || data.eSkeyVal.length !== 32 || data.eSkeySig.length !== 64) return undefined;
  if (data.eRegid.length !== 4 || data.eSkeyId.length !== 3) return undefined;
  return {
    noiseKey: proof.staticKey,
    identity: Buffer.from(data.eIdent),
    registrationId: Buffer.from(data.eRegid).readUInt32BE(),
    signedPreKey: {
      id: Buffer.from(data.eSkeyId).readUIntBE(0, 3),
      value: Buffer.from(data.eSkeyVal),
      signature: Buffer.from(data.eSkeySig),
    },
    pushName: payload.pushName || undefined,
  };
}

export class Pairing {
  readonly #world: World;
  readonly #byConnection = new Map<Connection, Registration>();

  constructor(world: World) {
    this.#world = world;
  }

  begin(connection: Connection, proof: ClientProof, payload: ClientPayload): void {
    const candidate = parseCandidate(proof, payload);
    if (!candidate) {
      connection.end(node('failure', { reason: '400', location: 'emulator' }));
      return;
    }
    // Nobody is known yet, so that only a fault that means everybody can mean this connection.
    const length = Math.max(1, Math.min(REFS, this.#world.faults.take('few-refs')?.n ?? REFS));
    const refs = Array.from({ length }, () => `2@${this.#world.random(48).toString('base64')}`);
    this.#byConnection.set(connection, {
      connection,
      candidate,
      refs: new Set(refs),
      offer: undefined,
      code: undefined,
    });
    connection.send(
      node('iq', { from: SERVER, type: 'set', id: connection.nextId(), xmlns: 'md' }, [
        node(
          'pair-device',
          {},
          refs.map((ref) => node('ref', {}, Buffer.from(ref))),
        ),
      ]),
    );
  }

  /** Connections that wait to be linked. */
  waiting(): Iterable<Registration> {
    return this.#byConnection.values();
  }

  /** The connection that shows this QR code. @throws EmulatorError UNKNOWN_QR, QR_MISMATCH */
  registrationOf(qr: QrText): Registration {
    for (const registration of this.#byConnection.values()) {
      if (!registration.refs.has(qr.ref)) continue;
      const { noiseKey, identity } = registration.candidate;
      if (!noiseKey.equals(qr.noiseKey) || !identity.equals(qr.identity)) throw new EmulatorError('QR_MISMATCH');
      return registration;
    }
    throw new EmulatorError('UNKNOWN_QR');
  }

  /** The phone scans the text. Resolves when the device has signed and is stored. @throws EmulatorError */
  async scan(phone: Person, text: string): Promise<LinkedDevice> {
    const qr = parseQr(text);
    return this.link(this.registrationOf(qr), phone, qr.secret);
  }

  /** The phone accepts the device, proved by the secret that only the two know. */
  async link(registration: Registration, phone: Person, secret: Buffer): Promise<LinkedDevice> {
    if (phone.kind !== 'phone') throw new EmulatorError('NOT_A_PHONE', phone.id);
    if (registration.offer) throw new EmulatorError('UNKNOWN_QR');
    const { connection, candidate } = registration;
    const device = phone.nextDeviceId();
    const keyIndex = device;
    const details = Buffer.from(
      wire()
        .ADVDeviceIdentity.encode({
          rawId: this.#world.random(4).readUInt32BE() >>> 1,
          timestamp: Math.floor(this.#world.clock() / 1000),
          keyIndex,
          accountType: wire().ADVEncryptionType.E2EE,
          deviceType: wire().ADVEncryptionType.E2EE,
        })
        .finish(),
    );
    const accountSignature = sign(
      phone.identity.private,
      Buffer.concat([ACCOUNT_SIGNATURE_PREFIX, details, candidate.identity]),
    );
    const signed = wire()
      .ADVSignedDeviceIdentity.encode({
        details,
        accountSignatureKey: phone.identity.public,
        accountSignature,
      })
      .finish();
    const hmac = createHmac('sha256', secret).update(signed).digest();
    const iq = connection.nextId();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => connection.drop(), SIGN_TIMEOUT_MS);
      registration.offer = {
        iq,
        phone,
        device,
        keyIndex,
        details,
        accountSignature,
        settle: (result) => {
          clearTimeout(timer);
          if (result instanceof EmulatorError) reject(result);
          else resolve(result);
        },
      };
      connection.send(
        node('iq', { from: SERVER, type: 'set', id: iq, xmlns: 'md' }, [
          node('pair-success', {}, [
            node('device-identity', {}, wire().ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish()),
            // Without a name the client never goes "available", so its receipts would tick nothing.
            node('biz', { name: words(phone.name) }),
            node('platform', { name: 'android' }),
            node('device', { jid: phone.pn(device), lid: phone.lid(device) }),
          ]),
        ]),
      );
    });
  }

  async received(connection: Connection, stanza: Node): Promise<void> {
    const registration = this.#byConnection.get(connection);
    if (!registration || stanza.tag !== 'iq') return;
    const { offer } = registration;
    if (offer && stanza.attrs.type === 'result' && stanza.attrs.id === offer.iq) {
      await this.#signed(registration, offer, childOf(stanza, 'pair-device-sign'));
      return;
    }
    const code = childOf(stanza, 'link_code_companion_reg');
    if (code?.attrs.stage === 'companion_hello') answerCompanionHello(this.#world, registration, stanza, code);
    else if (code?.attrs.stage === 'companion_finish')
      await answerCompanionFinish(this.#world, registration, stanza, code);
    else if (stanza.attrs.type === 'get' || stanza.attrs.type === 'set') {
      connection.send(node('iq', { from: SERVER, type: 'result', id: stanza.attrs.id }));
    }
  }

  closed(connection: Connection): void {
    const registration = this.#byConnection.get(connection);
    this.#byConnection.delete(connection);
    const gone = new EmulatorError('UNKNOWN_QR', 'the device closed its connection before it was linked');
    registration?.offer?.settle(gone);
    if (registration?.code?.kind === 'answered') registration.code.settle.reject(gone);
  }

  async #signed(registration: Registration, offer: Offer, answer: Node | undefined): Promise<void> {
    const bytes = bytesOf(childOf(answer, 'device-identity'));
    if (!bytes) {
      registration.connection.drop();
      return;
    }
    const { candidate, connection } = registration;
    const { phone, device, keyIndex } = offer;
    const { deviceSignature = null } = wire().ADVSignedDeviceIdentity.decode(bytes);
    const identity = wire()
      .ADVSignedDeviceIdentity.encode({
        details: offer.details,
        accountSignatureKey: phone.identity.public,
        accountSignature: offer.accountSignature,
        deviceSignature,
      })
      .finish();
    const companion: Companion = {
      device,
      keyIndex,
      noiseKey: candidate.noiseKey,
      identity: candidate.identity,
      registrationId: candidate.registrationId,
      signedPreKey: candidate.signedPreKey,
      linkedAt: this.#world.clock(),
      deviceIdentity: Buffer.from(identity),
      synced: false,
      preKeys: new Map(),
    };
    phone.companions.set(device, companion);
    phone.save();
    this.#world.addDevice(phone, companion);
    announceDevice(this.#world, phone, companion, 'add');
    this.#byConnection.delete(connection);
    connection.end(node('stream:error', { code: '515' }));
    await this.#world.store.stored();
    offer.settle({ phone, jid: phone.pn(device) });
  }
}
