// What a request says that somebody should say: `kind` and its fields, checked one by one; it never sends anything.
import { type Body, list, number, optional, required } from './body.ts';
import { FILE_KINDS, type Said } from './compose.ts';
import { EmulatorError } from './errors.ts';

/** A request with a file in it, as base64. */
export const MAX_SAID_BYTES = 96 * 1024 * 1024;

/** @returns undefined for a plain text. @throws EmulatorError BAD_FIELD naming the field. */
export function saidOf(body: Body): Said | undefined {
  const kind = optional(body, 'kind') ?? 'text';
  const file = FILE_KINDS.find((each) => each === kind);
  if (file) return fileOf(body, file);
  switch (kind) {
    case 'text':
      return undefined;
    case 'location':
    case 'live-location':
      return {
        kind,
        latitude: needed(body, 'latitude'),
        longitude: needed(body, 'longitude'),
        name: optional(body, 'name'),
        address: optional(body, 'address'),
        sequence: number(body, 'sequence'),
      };
    case 'contact':
      return { kind, cards: cardsOf(body) };
    case 'poll':
      return {
        kind,
        question: required(body, 'question'),
        options: list(body, 'options') ?? [],
        selectable: number(body, 'selectable'),
      };
    case 'vote':
      return { kind, poll: required(body, 'poll'), options: list(body, 'options') ?? [] };
    case 'forward':
      return { kind, message: required(body, 'message') };
    case 'disappearing':
      return { kind, seconds: needed(body, 'seconds') };
    case 'pin':
      return { kind, message: required(body, 'message'), on: body.on !== false };
    case 'buttons':
    case 'template':
    case 'list':
    case 'interactive':
      return {
        kind,
        text: required(body, 'text'),
        footer: optional(body, 'footer'),
        options: list(body, 'options') ?? [],
      };
    case 'link':
      return { kind, text: required(body, 'text'), url: required(body, 'url'), title: required(body, 'title') };
    case 'raw':
      return { kind, message: Buffer.from(required(body, 'message'), 'base64') };
    default:
      throw new EmulatorError('BAD_FIELD', 'kind');
  }
}

function fileOf(body: Body, kind: (typeof FILE_KINDS)[number]): Said {
  const data = optional(body, 'data');
  const { viewOnce } = body;
  if (viewOnce !== undefined && typeof viewOnce !== 'boolean' && viewOnce !== 'withheld') {
    throw new EmulatorError('BAD_FIELD', 'viewOnce');
  }
  return {
    kind,
    data: data === undefined ? undefined : Buffer.from(data, 'base64'),
    mime: optional(body, 'mime'),
    caption: optional(body, 'caption') ?? optional(body, 'text'),
    name: optional(body, 'name'),
    seconds: number(body, 'seconds'),
    width: number(body, 'width'),
    height: number(body, 'height'),
    viewOnce,
  };
}

function needed(body: Body, name: string): number {
  const value = number(body, name);
  if (value === undefined) throw new EmulatorError('BAD_FIELD', name);
  return value;
}

function cardsOf(body: Body): { name: string; number: string }[] {
  const { cards } = body;
  if (!Array.isArray(cards)) throw new EmulatorError('BAD_FIELD', 'cards');
  return cards.map((card: unknown) => {
    if (typeof card !== 'object' || card === null) throw new EmulatorError('BAD_FIELD', 'cards');
    return { name: required({ ...card }, 'name'), number: required({ ...card }, 'number') };
  });
}
