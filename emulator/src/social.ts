// What people do beside writing to one another: call, post a status, show a picture, block, run a channel, have a past; it never speaks HTTP.
import { type Call, type CallEnd, type CallRequest, endCall, offerCall } from './calls.ts';
import { type Channel, postToChannel, tellReaction } from './channels.ts';
import { compose, type Said } from './compose.ts';
import { EmulatorError } from './errors.ts';
import { STATUS, sendGroupLetter } from './group-messages.ts';
import { MAX_PAST_CHATS, MAX_PAST_MESSAGES, type Past } from './past.ts';
import type { Person } from './person.ts';
import { block, setPicture } from './profile.ts';
import { sampleOf } from './samples.ts';
import { type CallView, type ChannelView, callView, channelView } from './views-social.ts';
import type { World } from './world.ts';

export class Social {
  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  async call(from: Person, to: string, request: CallRequest = {}): Promise<CallView> {
    const callee = this.world.people.find(to) ?? this.world.people.phoneNamed(to);
    if (!callee) throw new EmulatorError('UNKNOWN_PERSON', to);
    return this.#stored(callView(offerCall(this.world, from, callee, request)));
  }

  /** @throws EmulatorError UNKNOWN_CALL when it does not ring. */
  async endCall(id: string, how: CallEnd): Promise<CallView> {
    return this.#stored(callView(endCall(this.world, id, how)));
  }

  calls(): CallView[] {
    return [...this.world.calls.values()].map((call: Call) => callView(call));
  }

  /** @param to ids or addresses; none = everybody who has a phone with linked devices. @returns the id of the post. */
  async postStatus(from: Person, said: Said, to?: readonly string[]): Promise<string> {
    const { people } = this.world;
    const all = [...people.all()].filter((person) => person.companions.size > 0 || person === from);
    const readers = to ? [...new Set([...to.map((id) => people.get(id)), from])] : all;
    const scene = {
      from,
      at: this.world.clock(),
      addressOf: (person: Person) => person.lid(),
      keyOf: (id: string): never => {
        throw new EmulatorError('UNKNOWN_MESSAGE', id);
      },
    };
    const message = compose(this.world, scene, said, {});
    const id = this.world.messageId();
    await sendGroupLetter(this.world, { id, from, group: STATUS, timestamp: scene.at, message, readers });
    return this.#stored(id);
  }

  async createChannel(name: string, description: string, followers: readonly string[]): Promise<ChannelView> {
    const { channels, people, clock } = this.world;
    const channel = channels.create(name, description, undefined, clock());
    channel.followers = followers.map((id) => people.get(id).id);
    channels.save(channel);
    return this.#stored(channelView(channel));
  }

  channels(): ChannelView[] {
    return [...this.world.channels.all()].map((channel: Channel) => channelView(channel));
  }

  /** @returns the post's number within the channel. */
  async postToChannel(id: string, said: Said): Promise<number> {
    const channel = this.world.channels.get(id);
    const [anybody] = this.world.people.all();
    if (!anybody) throw new EmulatorError('UNKNOWN_PERSON', 'nobody is there');
    const scene = {
      from: anybody,
      at: this.world.clock(),
      addressOf: (person: Person) => person.lid(),
      keyOf: (message: string): never => {
        throw new EmulatorError('UNKNOWN_MESSAGE', message);
      },
    };
    const post = postToChannel(this.world, channel, compose(this.world, scene, said, {}));
    return this.#stored(post.serverId);
  }

  /** Somebody reacts to a post. */
  async reactInChannel(id: string, serverId: number, emoji: string): Promise<void> {
    const channel = this.world.channels.get(id);
    const post = channel.posts.find((each) => each.serverId === serverId);
    if (!post) throw new EmulatorError('UNKNOWN_MESSAGE', String(serverId));
    tellReaction(this.world, channel, post, emoji);
    return this.#stored(undefined);
  }

  /** @param bytes JPEG; none = a sample; null = none any more. */
  async picture(of: Person | string, bytes?: Buffer | null): Promise<string | undefined> {
    const image = bytes === null ? undefined : (bytes ?? sampleOf('image').bytes);
    if (typeof of !== 'string') return this.#stored(setPicture(this.world, of, of, image));
    const group = this.world.groups.get(of);
    const id = setPicture(this.world, group, group.creator, image);
    this.world.groups.save(group);
    return this.#stored(id);
  }

  async about(person: Person, text: string): Promise<void> {
    person.settings.about = text;
    person.save();
    return this.#stored(undefined);
  }

  /** @param on false = no longer. */
  async block(person: Person, other: string, on: boolean): Promise<void> {
    block(this.world, person, this.world.people.get(other), on);
    return this.#stored(undefined);
  }

  /** What others may see: all, contacts or none, by category. */
  async privacy(person: Person, name: string, value: string): Promise<void> {
    person.settings.privacy = { ...person.settings.privacy, [name]: value };
    person.save();
    return this.#stored(undefined);
  }

  /** What the phone has lived through before it links the next device. @throws EmulatorError BAD_FIELD */
  async past(phone: Person, past: Partial<Past>, by: 'inline' | 'media' = 'inline'): Promise<void> {
    const { chats = 100, messages = 50, recent = 5, chunk = 500 } = past;
    const whole = { chats, messages, recent, chunk };
    if (!Object.values(whole).every((value) => Number.isInteger(value) && value > 0))
      throw new EmulatorError('BAD_FIELD', 'past');
    if (chats > MAX_PAST_CHATS || messages > MAX_PAST_MESSAGES) throw new EmulatorError('BAD_FIELD', 'past');
    phone.settings.past = whole;
    phone.settings.historyBy = by;
    phone.save();
    return this.#stored(undefined);
  }

  async #stored<T>(value: T): Promise<T> {
    await this.world.store.stored();
    return value;
  }
}
