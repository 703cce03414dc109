// Channels (newsletters): who follows them, what is posted, and the questions about them; what is posted is not encrypted, and it never looks into a chat.
import type { proto } from 'baileys/WAProto/index.js';
import type { Device } from './device.ts';
import { EmulatorError } from './errors.ts';
import { childOf, childrenOf, type Node, node, textOf } from './nodes.ts';
import type { Person } from './person.ts';
import type { Answer } from './queries.ts';
import { seconds } from './send.ts';
import type { Store, Table } from './store.ts';
import { summaryOf } from './summary.ts';
import { wire } from './wire.ts';
import type { World } from './world.ts';

const MAX_CHANNELS = 1_000;
/** Posts of one channel; the oldest go. */
const MAX_POSTS = 1_000;
const FIRST_ID = 120_363_400_000_000_000n;

export interface Post {
  readonly id: string;
  /** Counted up within the channel. */
  readonly serverId: number;
  /** ms since epoch. */
  readonly timestamp: number;
  /** Base64 of the message. */
  readonly raw: string;
  reactions: Record<string, number>;
}

export interface Channel {
  /** Ends with @newsletter. */
  readonly id: string;
  name: string;
  description: string;
  readonly createdAt: number;
  /** Ids of people. */
  followers: string[];
  muted: string[];
  owner: string | undefined;
  posts: Post[];
}

/** Numbers under which Baileys asks for each thing. */
const ASKED: Readonly<Record<string, string>> = {
  '8823471724422422': 'create',
  '24250201037901610': 'update',
  '6563316087068696': 'metadata',
  '9783111038412085': 'subscribers',
  '24404358912487870': 'follow',
  '9767147403369991': 'unfollow',
  '29766401636284406': 'mute',
  '9864994326891137': 'unmute',
  '7130823597031706': 'admins',
  '30062808666639665': 'delete',
};

export class Channels {
  readonly #table: Table;
  readonly #byId = new Map<string, Channel>();

  constructor(store: Store) {
    this.#table = store.table('channels');
    // The emulator wrote these rows itself.
    for (const [id, row] of this.#table.rows()) this.#byId.set(id, JSON.parse(String(row)) as Channel);
  }

  all(): Iterable<Channel> {
    return this.#byId.values();
  }

  find(id: string): Channel | undefined {
    return this.#byId.get(id);
  }

  /** @throws EmulatorError UNKNOWN_CHANNEL */
  get(id: string): Channel {
    const channel = this.#byId.get(id);
    if (!channel) throw new EmulatorError('UNKNOWN_CHANNEL', id);
    return channel;
  }

  create(name: string, description: string, owner: string | undefined, createdAt: number): Channel {
    if (this.#byId.size >= MAX_CHANNELS) throw new EmulatorError('BAD_FIELD', 'too many channels');
    const id = `${FIRST_ID + BigInt(this.#byId.size + 1)}@newsletter`;
    const channel = { id, name, description, createdAt, followers: [], muted: [], owner, posts: [] };
    this.save(channel);
    return channel;
  }

  save(channel: Channel): void {
    this.#byId.set(channel.id, channel);
    this.#table.put(channel.id, () => JSON.stringify(channel));
  }

  remove(id: string): void {
    this.#byId.delete(id);
    this.#table.delete(id);
  }
}

/** A post reaches every linked device of every follower. */
export function postToChannel(world: World, channel: Channel, message: proto.IMessage): Post {
  const bytes = Buffer.from(wire().Message.encode(message).finish());
  const post: Post = {
    id: world.messageId(),
    serverId: (channel.posts.at(-1)?.serverId ?? 99) + 1,
    timestamp: world.clock(),
    raw: bytes.toString('base64'),
    reactions: {},
  };
  channel.posts = [...channel.posts, post].slice(-MAX_POSTS);
  world.channels.save(channel);
  const attrs = {
    from: channel.id,
    id: post.id,
    server_id: String(post.serverId),
    t: seconds(post.timestamp),
    type: summaryOf(message).kind === 'text' ? 'text' : 'media',
  };
  for (const device of followersOf(world, channel)) device.push(node('message', attrs, [node('plaintext', {}, bytes)]));
  return post;
}

/** Counts of reactions and views, as followers are told of them. */
export function tellReaction(world: World, channel: Channel, post: Post, code: string): void {
  post.reactions = { ...post.reactions, [code]: (post.reactions[code] ?? 0) + 1 };
  world.channels.save(channel);
  const attrs = { from: channel.id, type: 'newsletter', t: seconds(world.clock()) };
  const what = node('reaction', { message_id: String(post.serverId) }, [node('reaction', {}, Buffer.from(code))]);
  for (const device of followersOf(world, channel))
    device.push(node('notification', { ...attrs, id: world.messageId() }, [what]));
}

function followersOf(world: World, { followers }: Channel): Device[] {
  return followers.flatMap((id) => {
    const person = world.people.find(id);
    return person ? world.devicesOf(person) : [];
  });
}

/** A client reacts to a post. */
export function receiveChannelMessage(world: World, device: Device, stanza: Node): void {
  const { id, to = '', server_id } = stanza.attrs;
  const channel = world.channels.find(to);
  const post = channel?.posts.find(({ serverId }) => String(serverId) === server_id);
  const code = childOf(stanza, 'reaction')?.attrs.code;
  const error = channel && (post || stanza.attrs.type !== 'reaction') ? undefined : '404';
  device.connection?.send(node('ack', { class: 'message', id, from: to, t: seconds(world.clock()), error }));
  if (channel && post && code) tellReaction(world, channel, post, code);
}

/** Posts of a channel, for who asks by an iq. */
export function answerChannel(world: World, _device: Device, iq: Node): Answer {
  const channel = world.channels.find(iq.attrs.to ?? '');
  if (!channel) return { error: '404', text: 'item-not-found' };
  if (childOf(iq, 'live_updates')) return [node('live_updates', { duration: '300' })];
  const asked = childOf(iq, 'message_updates') ?? childOf(iq, 'messages');
  if (!asked) return undefined;
  const count = Math.max(1, Number(asked.attrs.count) || 50);
  const after = Number(asked.attrs.after ?? asked.attrs.since ?? 0) || 0;
  const posts = channel.posts.filter(({ serverId }) => serverId > after).slice(-count);
  const items = posts.map((post) =>
    node('message', { id: post.id, server_id: String(post.serverId), t: seconds(post.timestamp) }, [
      node('plaintext', {}, Buffer.from(post.raw, 'base64')),
    ]),
  );
  return [node(asked.tag, {}, [node('messages', { jid: channel.id, t: seconds(world.clock()) }, items)])];
}

/** The questions that clients put as JSON. Unknown ones get an empty object. */
export function answerJson(world: World, { person }: Device, iq: Node): Answer {
  const query = childOf(iq, 'query') ?? childrenOf(iq)[0];
  const what = ASKED[query?.attrs.query_id ?? ''];
  const data = what === undefined ? {} : channelData(world, person, what, variablesOf(query));
  const body = data === undefined ? { errors: [{ message: 'not found', extensions: { error_code: 404 } }] } : { data };
  return [node('result', {}, Buffer.from(JSON.stringify(body)))];
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function variablesOf(query: Node | undefined): Fields {
  try {
    return fieldsOf(fieldsOf(JSON.parse(textOf(query) ?? '{}')).variables);
  } catch {
    return {};
  }
}

/** @returns undefined when there is no such channel. */
function channelData(world: World, person: Person, what: string, variables: Fields): object | undefined {
  const input = fieldsOf(variables.input);
  if (what === 'create') {
    const made = world.channels.create(
      String(input.name ?? ''),
      String(input.description ?? ''),
      person.id,
      world.clock(),
    );
    made.followers = [person.id];
    world.channels.save(made);
    return { xwa2_newsletter_create: metadata(made, person) };
  }
  const channel = world.channels.find(String(variables.newsletter_id ?? input.key ?? ''));
  if (!channel) return undefined;
  const others = (list: readonly string[]) => list.filter((id) => id !== person.id);
  switch (what) {
    case 'metadata':
      return { xwa2_newsletter: metadata(channel, person) };
    case 'subscribers':
      return { xwa2_newsletter_subscribers: { subscribers: channel.followers.length } };
    case 'admins':
      return { xwa2_newsletter_admin: { admin_count: 1 } };
    case 'follow':
    case 'unfollow': {
      channel.followers = what === 'follow' ? [...others(channel.followers), person.id] : others(channel.followers);
      world.channels.save(channel);
      const state = { id: channel.id, state: { type: 'ACTIVE' } };
      return what === 'follow' ? { xwa2_newsletter_join_v2: state } : { xwa2_newsletter_leave_v2: state };
    }
    case 'mute':
    case 'unmute':
      channel.muted = what === 'mute' ? [...others(channel.muted), person.id] : others(channel.muted);
      world.channels.save(channel);
      return { [`xwa2_newsletter_${what}_v2`]: { id: channel.id } };
    case 'update': {
      const { name, description } = fieldsOf(variables.updates);
      if (typeof name === 'string') channel.name = name;
      if (typeof description === 'string') channel.description = description;
      world.channels.save(channel);
      return { xwa2_newsletter_update: metadata(channel, person) };
    }
    default:
      world.channels.remove(channel.id);
      return { xwa2_newsletter_delete_v2: { id: channel.id } };
  }
}

function metadata({ id, name, description, createdAt, followers, muted, owner }: Channel, viewer: Person): object {
  return {
    id,
    state: { type: 'ACTIVE' },
    thread_metadata: {
      creation_time: seconds(createdAt),
      name: { id: '1', text: name, update_time: seconds(createdAt) },
      description: { id: '1', text: description, update_time: seconds(createdAt) },
      invite: id.slice(0, 12),
      subscribers_count: String(followers.length),
      verification: 'UNVERIFIED',
      picture: { id: '0', direct_path: '' },
      handle: null,
      settings: { reaction_codes: { value: 'ALL' } },
    },
    viewer_metadata: {
      mute: muted.includes(viewer.id) ? 'ON' : 'OFF',
      role: owner === viewer.id ? 'OWNER' : followers.includes(viewer.id) ? 'SUBSCRIBER' : 'GUEST',
    },
  };
}
