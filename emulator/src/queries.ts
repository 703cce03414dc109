// Answers every iq of a linked device, the unknown ones by an empty result: a query without an answer costs the client a minute.
import { createHash, X509Certificate } from 'node:crypto';
import { SERVER } from './address.ts';
import { answerAppState } from './app-state.ts';
import { answerChannel, answerJson } from './channels.ts';
import type { Device } from './device.ts';
import { answerGroupQuery } from './group-queries.ts';
import { bytesOf, type Content, childOf, childrenOf, type Node, node, uintBytes, uintOf } from './nodes.ts';
import type { Bundle, Person, SignedKey, UploadedKey } from './person.ts';
import { answerAbout, answerBlocklist, answerDisappearing, answerPicture, answerPrivacy } from './profile.ts';
import { seconds } from './send.ts';
import { answerUsync } from './usync.ts';
import type { World } from './world.ts';

/** Content of the result, or a refusal as WhatsApp words it. */
export type Answer = Content | { readonly error: string; readonly text: string };

type Query = (world: World, device: Device, iq: Node) => Answer;

const SIGNAL_TYPE = Buffer.from([5]);

/** By xmlns. What is not here gets an empty result. */
const QUERIES: ReadonlyMap<string, Query> = new Map<string, Query>(
  Object.entries<Query>({
    encrypt: answerEncrypt,
    usync: answerUsync,
    passive: (_world, device, iq) => {
      if (childOf(iq, 'active')) device.activate();
      return undefined;
    },
    abt: () => [node('props', { protocol: '1', hash: 'emulator', refresh: '86400' })],
    privacy: answerPrivacy,
    blocklist: answerBlocklist,
    // Answered by mediaHosts.
    'w:m': () => undefined,
    'w:profile:picture': answerPicture,
    status: answerAbout,
    disappearing_mode: answerDisappearing,
    newsletter: answerChannel,
    'w:sync:app:state': answerAppState,
    'w:mex': answerJson,
    'w:g2': answerGroupQuery,
    md: (world, device, iq) => {
      if (!childOf(iq, 'remove-companion-device')) return undefined;
      unlink(world, device);
      return undefined;
    },
  }),
);

/** The namespaces that have an answer of their own. */
export const QUERY_NAMES: readonly string[] = [...QUERIES.keys()];

export function receiveQuery(world: World, device: Device, iq: Node): void {
  const { id, xmlns = '', type } = iq.attrs;
  if (type !== 'get' && type !== 'set' && type !== undefined) return;
  const connection = device.connection;
  if (!connection || id === undefined) return;
  // The reply goes first: an answer may close the connection or start the offline queue.
  const before = xmlns === 'passive' || xmlns === 'md';
  if (before) connection.send(node('iq', { id, from: SERVER, type: 'result' }));
  if (xmlns === 'w:m') {
    // Not before the certificate of the media host is known: who asks is told whom to expect there.
    world
      .tlsFiles()
      .then(({ cert }) =>
        connection.send(node('iq', { id, from: SERVER, type: 'result' }, mediaHosts(world, device, cert))),
      )
      .catch((error: unknown) => world.log.info({ error: String(error) }, 'the media host has no certificate'));
    return;
  }
  const answer = QUERIES.get(xmlns)?.(world, device, iq);
  if (before) return;
  if (answer && typeof answer === 'object' && 'error' in answer) {
    const error = node('error', { code: answer.error, text: answer.text });
    connection.send(node('iq', { id, from: SERVER, type: 'error' }, [error]));
    return;
  }
  connection.send(node('iq', { id, from: iq.attrs.to || SERVER, type: 'result' }, answer));
}

/** The token ends in the hash of the host's certificate: so it comes under the Noise root, which clients can pin, as the certificate itself cannot be known before. */
function mediaHosts(world: World, device: Device, certificate: string): Content {
  const hash = createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex');
  const auth = `${world.media.tokenOf(device.id)}.${hash}`;
  return [
    node('media_conn', { auth, ttl: '300', auth_ttl: '21600', max_buckets: '12', id: '1' }, [
      node('host', { hostname: world.mediaHost, class: 'primary', type: 'primary' }),
    ]),
  ];
}

/** Forgets the device and tells it so, as when the user removes it on the phone. */
export function unlink(world: World, device: Device): void {
  const { connection } = device;
  world.removeDevice(device);
  connection?.end(node('stream:error', { code: '401' }, [node('conflict', { type: 'device_removed' })]));
}

function answerEncrypt(world: World, device: Device, iq: Node): Answer {
  const { person, companion } = device;
  // Told of none at all, Baileys makes 812 pairs of keys, which is most of what a pairing costs; told of one it makes five.
  const least = world.fewPreKeys ? 1 : 0;
  if (childOf(iq, 'count')) return [node('count', { value: String(Math.max(least, companion.preKeys.size)) })];
  if (childOf(iq, 'digest')) return [digest(device)];
  const wanted = childOf(iq, 'key');
  if (wanted && iq.attrs.type === 'get')
    return [
      node(
        'list',
        {},
        childrenOf(wanted).flatMap((user) => bundleOf(world, user)),
      ),
    ];
  const rotated = parseSignedKey(childOf(childOf(iq, 'rotate'), 'skey')) ?? parseSignedKey(childOf(iq, 'skey'));
  if (rotated) companion.signedPreKey = rotated;
  person.addPreKeys(
    companion,
    childrenOf(childOf(iq, 'list')).flatMap((key) => parseKey(key) ?? []),
  );
  person.save();
  return undefined;
}

function parseKey(key: Node | undefined): UploadedKey | undefined {
  const id = uintOf(childOf(key, 'id'));
  const value = bytesOf(childOf(key, 'value'));
  return id === undefined || value?.length !== 32 ? undefined : { id, value: Buffer.from(value) };
}

function parseSignedKey(key: Node | undefined): SignedKey | undefined {
  const parsed = parseKey(key);
  const signature = bytesOf(childOf(key, 'signature'));
  return parsed && signature?.length === 64 ? { ...parsed, signature: Buffer.from(signature) } : undefined;
}

function keyNode(tag: 'key' | 'skey', { id, value }: UploadedKey, signature?: Buffer): Node {
  const parts = [node('id', {}, uintBytes(id, 3)), node('value', {}, value)];
  return node(tag, {}, signature ? [...parts, node('signature', {}, signature)] : parts);
}

/** The parts of a key bundle in the order WhatsApp lists them. */
export function bundleNodes(bundle: Bundle): Node[] {
  return [
    node('registration', {}, uintBytes(bundle.registrationId, 4)),
    node('type', {}, SIGNAL_TYPE),
    node('identity', {}, bundle.identity),
    ...(bundle.preKey ? [keyNode('key', bundle.preKey)] : []),
    keyNode('skey', bundle.signedPreKey, bundle.signedPreKey.signature),
    ...(bundle.deviceIdentity ? [node('device-identity', {}, bundle.deviceIdentity)] : []),
  ];
}

function bundleOf(world: World, user: Node): Node[] {
  const jid = user.attrs.jid ?? '';
  const person = world.people.find(jid);
  const device = Number(/:(\d+)@/.exec(jid)?.[1] ?? 0);
  const bundle = person && takeBundle(world, person, device);
  return bundle ? [node('user', { jid }, bundleNodes(bundle))] : [];
}

/** With so many left the client is asked for more, and again with each one that goes when the last are in sight. */
const LOW_PREKEYS = 9;
const FEW_PREKEYS = 4;

/** Keys for one new session with a device; asks the device for more one-time prekeys when few are left. */
export function takeBundle(world: World, person: Person, device: number): Bundle | undefined {
  const bundle = person.takeBundle(device);
  const linked = world.device(person, device);
  const left = linked?.companion.preKeys.size;
  if (linked && left !== undefined && (left === LOW_PREKEYS || left <= FEW_PREKEYS)) askForPreKeys(world, linked, left);
  return bundle;
}

/** Baileys uploads five when it is told of fewer than five. */
export function askForPreKeys(world: World, device: Device, left: number): void {
  const attrs = { from: SERVER, type: 'encrypt', id: world.messageId(), t: seconds(world.clock()) };
  device.push(node('notification', attrs, [node('count', { value: String(left) })]));
}

function digest({ companion }: Device): Node {
  const hash = createHash('sha1')
    .update(companion.identity)
    .update(companion.signedPreKey.value)
    .update(companion.signedPreKey.signature);
  for (const value of companion.preKeys.values()) hash.update(value);
  return node('digest', {}, [
    node('registration', {}, uintBytes(companion.registrationId, 4)),
    node('type', {}, SIGNAL_TYPE),
    node('identity', {}, companion.identity),
    keyNode('skey', companion.signedPreKey, companion.signedPreKey.signature),
    node(
      'list',
      {},
      [...companion.preKeys.keys()].map((id) => node('id', {}, uintBytes(id, 3))),
    ),
    node('hash', {}, hash.digest()),
  ]);
}
