// The emulator's certificates: the Noise chain under a root of its own and the self-signed one for wss; it never signs anything else.
import { generateKeyPair, type KeyPair } from './keys.ts';
import type { NoiseIdentity } from './noise.ts';
import { generateSigningPair, sign } from './xeddsa.ts';

/** Baileys stops unless the intermediate says that this serial issued it. */
const ROOT_SERIAL = 0;
const INTERMEDIATE_SERIAL = 1;
const LEAF_SERIAL = 2;
const TEN_YEARS_S = 10 * 365 * 24 * 3600;

export interface Authority {
  /** The public key that a client must hold to trust this emulator (`WA_CERT_DETAILS.PUBLIC_KEY` of Baileys). */
  readonly root: Buffer;
  readonly noise: NoiseIdentity;
}

/** Its JSON form, all base64. The root's private key is forgotten after signing: nothing needs it again. */
export interface AuthorityRow {
  readonly root: string;
  readonly staticPublic: string;
  readonly staticPrivate: string;
  readonly chain: string;
}

/** One field of a protobuf message; numbers below 2^32. Baileys' own formats take longer to load than the whole start. */
function field(number: number, value: number | Uint8Array): Buffer {
  if (typeof value !== 'number') {
    return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(value.length), value]);
  }
  return Buffer.concat([Buffer.from([number << 3]), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

/** CertChain.NoiseCertificate: its details and the signature over them. */
function certificate(serial: number, issuerSerial: number, key: Buffer, issuer: KeyPair, nowMs: number): Buffer {
  const notBefore = Math.max(0, Math.floor(nowMs / 1000) - 24 * 3600);
  const details = Buffer.concat([
    field(1, serial),
    field(2, issuerSerial),
    field(3, key),
    field(4, notBefore),
    field(5, notBefore + TEN_YEARS_S),
  ]);
  return Buffer.concat([field(1, details), field(2, sign(issuer.private, details))]);
}

export function createAuthority(nowMs: number): Authority {
  const root = generateSigningPair();
  const intermediate = generateSigningPair();
  const staticPair = generateKeyPair();
  const chain = Buffer.concat([
    field(1, certificate(LEAF_SERIAL, INTERMEDIATE_SERIAL, staticPair.public, intermediate, nowMs)),
    field(2, certificate(INTERMEDIATE_SERIAL, ROOT_SERIAL, intermediate.public, root, nowMs)),
  ]);
  return { root: root.public, noise: { staticPair, chain } };
}

export function authorityToRow({ root, noise }: Authority): AuthorityRow {
  return {
    root: root.toString('base64'),
    staticPublic: noise.staticPair.public.toString('base64'),
    staticPrivate: noise.staticPair.private.toString('base64'),
    chain: noise.chain.toString('base64'),
  };
}

export function authorityFromRow(row: AuthorityRow): Authority {
  return {
    root: Buffer.from(row.root, 'base64'),
    noise: {
      staticPair: {
        public: Buffer.from(row.staticPublic, 'base64'),
        private: Buffer.from(row.staticPrivate, 'base64'),
      },
      chain: Buffer.from(row.chain, 'base64'),
    },
  };
}

export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
}

/** For localhost and both loopback addresses. Loads its maker only when a new one is needed: that costs 0.1 s. */
export async function createTlsFiles(): Promise<TlsFiles> {
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + TEN_YEARS_S * 1000),
    extensions: [
      // What is no authority is not taken as its own root, and then the media host could not be trusted alone.
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          // History notifications name no host, and clients take WhatsApp's own: a line that is led here must fit its name.
          { type: 2, value: 'mmg.whatsapp.net' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}
