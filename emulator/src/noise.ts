// The server's half of Noise_XX_25519_AESGCM_SHA256 as WhatsApp runs it; it never touches a socket.
import { createCipheriv, createDecipheriv, createHash, type KeyObject } from 'node:crypto';
import { frame, INTRO } from './frames.ts';
import { agree, hkdf, type KeyPair, privateKeyObject } from './keys.ts';
import { wire } from './wire.ts';

const NAME = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0');
const EMPTY = Buffer.alloc(0);
const TAG_BYTES = 16;

/** Each cipher copies it as it begins. */
const iv = Buffer.alloc(12);

function nonce(counter: number): Buffer {
  iv.writeUInt32BE(counter, 8);
  return iv;
}

function seal(key: Uint8Array, counter: number, aad: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(counter)).setAAD(aad);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Uint8Array, counter: number, aad: Uint8Array, ciphertext: Uint8Array): Buffer {
  const end = ciphertext.length - TAG_BYTES;
  if (end < 0) throw new RangeError('shorter than its tag');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(counter)).setAAD(aad);
  decipher.setAuthTag(ciphertext.subarray(end));
  return Buffer.concat([decipher.update(ciphertext.subarray(0, end)), decipher.final()]);
}

/** What the server proves itself with: its static pair and the certificate chain over it. */
export interface NoiseIdentity {
  readonly staticPair: KeyPair;
  readonly chain: Buffer;
}

/** What the client proved: its static key is the credential of its device. */
export interface ClientProof {
  readonly staticKey: Buffer;
  readonly payload: Buffer;
}

/** One handshake: `hello`, then `finish`, then `transport`, each once. Every method throws on hostile bytes. */
export class Handshake {
  #hash: Buffer = NAME;
  #salt: Buffer = NAME;
  #key: Buffer = NAME;
  #counter = 0;
  readonly #identity: NoiseIdentity;
  readonly #ephemeral: KeyPair;
  readonly #ephemeralKey: KeyObject;

  constructor(identity: NoiseIdentity, ephemeral: KeyPair) {
    this.#identity = identity;
    this.#ephemeral = ephemeral;
    this.#ephemeralKey = privateKeyObject(ephemeral.private);
    this.#mixHash(INTRO);
  }

  /** Takes the client's first frame, returns the server's. */
  hello(frame: Buffer): Buffer {
    const client = wire().HandshakeMessage.decode(frame).clientHello?.ephemeral;
    if (!client || client.length !== 32) throw new RangeError('no client hello');
    this.#mixHash(client);
    this.#mixHash(this.#ephemeral.public);
    this.#mixKey(agree(this.#ephemeralKey, client));
    const staticKey = this.#seal(this.#identity.staticPair.public);
    this.#mixKey(agree(privateKeyObject(this.#identity.staticPair.private), client));
    const payload = this.#seal(this.#identity.chain);
    const serverHello = { ephemeral: this.#ephemeral.public, static: staticKey, payload };
    return Buffer.from(wire().HandshakeMessage.encode({ serverHello }).finish());
  }

  /** Takes the client's second frame. */
  finish(frame: Buffer): ClientProof {
    const message = wire().HandshakeMessage.decode(frame).clientFinish;
    if (!message?.static || !message.payload) throw new RangeError('no client finish');
    const staticKey = this.#open(message.static);
    this.#mixKey(agree(this.#ephemeralKey, staticKey));
    return { staticKey, payload: this.#open(message.payload) };
  }

  transport(): Transport {
    const keys = hkdf(EMPTY, this.#salt, '', 64);
    return new Transport(keys.subarray(32), keys.subarray(0, 32));
  }

  #mixHash(bytes: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(bytes).digest();
  }

  #mixKey(secret: Buffer): void {
    const keys = hkdf(secret, this.#salt, '', 64);
    this.#salt = keys.subarray(0, 32);
    this.#key = keys.subarray(32);
    this.#counter = 0;
  }

  #seal(plaintext: Uint8Array): Buffer {
    const ciphertext = seal(this.#key, this.#counter++, this.#hash, plaintext);
    this.#mixHash(ciphertext);
    return ciphertext;
  }

  #open(ciphertext: Uint8Array): Buffer {
    const plaintext = open(this.#key, this.#counter++, this.#hash, ciphertext);
    this.#mixHash(ciphertext);
    return plaintext;
  }
}

/** The cipher after the handshake; one counter for each direction. */
export class Transport {
  readonly #sendKey: Buffer;
  readonly #receiveKey: Buffer;
  #sent = 0;
  #received = 0;

  constructor(sendKey: Buffer, receiveKey: Buffer) {
    this.#sendKey = sendKey;
    this.#receiveKey = receiveKey;
  }

  /** A whole frame, with its length in front. */
  seal(plaintext: Uint8Array): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#sendKey, nonce(this.#sent++));
    const [body, rest] = [cipher.update(plaintext), cipher.final()];
    return frame(body, rest, cipher.getAuthTag());
  }

  /** @throws when the bytes were not sealed by the client, or not in this order. */
  open(ciphertext: Uint8Array): Buffer {
    return open(this.#receiveKey, this.#received++, EMPTY, ciphertext);
  }
}
