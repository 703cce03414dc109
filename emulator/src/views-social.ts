// How calls and channels look from outside; it never changes anything.
import type { Call } from './calls.ts';
import type { Channel } from './channels.ts';

export interface CallView {
  readonly id: string;
  /** Addresses by phone number. */
  readonly from: string;
  readonly to: string;
  readonly video: boolean;
  readonly group?: string;
  /** ringing, or how it ended: accept, reject, terminate, timeout. */
  readonly state: string;
}

export interface ChannelView {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly followers: number;
  readonly posts: readonly {
    readonly id: string;
    readonly serverId: number;
    readonly timestamp: number;
    readonly reactions: Readonly<Record<string, number>>;
  }[];
}

export function callView({ id, from, to, video, group, state }: Call): CallView {
  return { id, from: from.pn(), to: to.pn(), video, ...(group !== undefined && { group }), state };
}

export function channelView({ id, name, description, followers, posts }: Channel): ChannelView {
  const shown = posts.map(({ id: post, serverId, timestamp, reactions }) => ({
    id: post,
    serverId,
    timestamp,
    reactions,
  }));
  return { id, name, description, followers: followers.length, posts: shown };
}
