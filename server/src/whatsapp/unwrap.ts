// Takes the envelopes off a WhatsApp message, to a bounded depth, and says what they told of it. Pure; it reads no content.
import type { proto } from 'baileys';

/** Envelopes around the content proper, which say how to show it. */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'associatedChildMessage',
  'groupStatusMessage',
  'groupStatusMessageV2',
  'groupMentionedMessage',
  'groupStatusMentionMessage',
  'statusMentionMessage',
  'statusAddYours',
  'lottieStickerMessage',
  'eventCoverImage',
  'pollCreationMessageV4',
  'pollCreationOptionImageMessage',
  'limitSharingMessage',
  'botInvokeMessage',
  'botTaskMessage',
  'botForwardedMessage',
  'questionMessage',
  'questionReplyMessage',
  'deviceSentMessage',
  'editedMessage',
] as const satisfies readonly (keyof proto.IMessage)[];
const ONCE: ReadonlySet<string> = new Set(['viewOnceMessage', 'viewOnceMessageV2', 'viewOnceMessageV2Extension']);
/** WhatsApp's own clients nest three or four. What is wrapped deeper is named by its outermost remaining envelope. */
const DEEPEST_WRAPPING = 16;

export interface Unwrapped {
  readonly content: proto.IMessage;
  /** What stands beside the content, on any envelope; the innermost counts. */
  readonly beside: proto.IMessageContextInfo;
  readonly viewOnce: boolean;
}

export function unwrapped(content: proto.IMessage | null | undefined): Unwrapped | undefined {
  let plain = content ?? undefined;
  if (plain === undefined) return undefined;
  let beside: proto.IMessageContextInfo = {};
  let viewOnce = false;
  for (let depth = 0; ; depth++) {
    const outer: proto.IMessage = plain;
    beside = { ...beside, ...outer.messageContextInfo };
    const wrapper = WRAPPERS.find((name) => outer[name]?.message);
    const inner = wrapper && outer[wrapper]?.message;
    if (wrapper === undefined || !inner || depth === DEEPEST_WRAPPING) return { content: plain, beside, viewOnce };
    viewOnce ||= ONCE.has(wrapper);
    plain = inner;
  }
}

/** The content proper. */
export function unwrap(content: proto.IMessage | null | undefined): proto.IMessage | undefined {
  return unwrapped(content)?.content;
}
