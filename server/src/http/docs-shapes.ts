// The shapes of what routes answer, for /docs and for the tests that hold each answer against them; no route is built from them.
import { flightShape, report } from '@pulseline/diagnosis';
import { account, errorCodes, heads, message, messageStatuses, page, shape } from '@pulseline/protocol';

const { boolean, integer, list, number, object, oneOf, optional, record, string, nullable } = shape;

export const ok = object({ ok: boolean() });

export const status = object({
  product: oneOf(['pulseline']),
  version: string(),
  instanceId: string(),
  nonce: optional(string(200)),
  startedAt: integer(),
  uptimeMs: integer(),
  time: integer(),
  ws: object({ path: oneOf(['/ws']), clients: integer() }),
  store: object({ kind: string(), ok: boolean() }),
  heads,
  accounts: list(account),
  /** By account; docs/api.md tells the names. */
  counters: record(record(number())),
});

export const accountList = page(account);
export const accountOf = object({ account });
export const qr = object({ qr: string(2_000), expiresAt: integer() });
export const pairingCode = object({ code: string(64) });

const evidence = object({ key: string(), value: shape.anything(), class: string(), source: string(), at: number() });
export const diagnosis = object({ evidence: list(evidence), report });
/** `stages`: ms since it was made; `missing`: the first stage that it did not reach. */
export const flight = flightShape;
export const arrival = object({ method: string(), httpVersion: string(), headers: record(string()) });

/** A page with the position of its moment, so that a live connection goes on from there without a hole. */
export function snapshot<T>(item: shape.Shape<T>) {
  return object({ ...page(item).fields, heads });
}

export const sent = object({ commandId: string(200, 1), message });
/** `total` messages of this person that could not be read at first, `filled` by a resend. */
export const unreadable = object({
  items: list(object({ address: string(), total: integer(), filled: integer(), waiting: integer() }), 1_000),
  next: nullable(string()),
});
/** Without a status: nothing has been heard of this member. */
export const receipts = object({
  items: list(object({ address: string(), status: optional(oneOf(messageStatuses)), at: optional(integer()) })),
  next: nullable(string()),
});
export const retried = object({ message });
export const trace = object({ id: string(), stamps: record(number()) });

/** The frames are those of /ws; /docs/asyncapi.json has each of them. */
const frame = object({
  type: string(64, 1),
  data: shape.anything(),
  timestamp: integer(),
  stream: optional(string(128, 1)),
  seq: optional(integer(1)),
});
export const events = object({ items: list(frame), next: string(16_384), more: boolean() });

// The sandbox answers in the words of the emulator's control API.
const personFields = { id: string(), name: string(), number: string(), pn: string(), lid: string() };
export const person = object(personFields);
const contact = object({
  ...personFields,
  autoread: boolean(),
  reachable: boolean(),
  online: boolean(),
  lastSeen: integer(),
  about: string(),
  privacy: record(string()),
  blocked: list(string()),
  disappearing: object({ seconds: integer(), since: integer() }),
  historyBy: oneOf(['inline', 'media']),
});
export const contactList = page(contact);
export const scanned = object({ ...personFields, phone: person, device: string() });
export const written = object({ id: string(), ids: list(string()), sent: integer(), sentAt: list(number()) });
export const letterList = page(
  object({
    id: string(),
    direction: oneOf(['in', 'out']),
    from: string(),
    to: string(),
    kind: string(),
    text: string(),
    about: optional(string()),
    mentions: optional(list(string())),
    timestamp: integer(),
    status: string(),
    /** Of a file: whether it is what its message says. */
    file: optional(
      object({
        ok: boolean(),
        problem: optional(string()),
        mime: string(),
        size: integer(),
        sha256: optional(string()),
      }),
    ),
  }),
);
export const readLetters = object({ read: list(string()) });

export const errorCode = oneOf(errorCodes);

/** application/problem+json; parameters of the words stand beside. */
export const problem = object({
  type: string(),
  title: string(),
  status: integer(),
  code: errorCode,
  detail: string(),
  fix: string(),
  retry: boolean(),
});

/** What /ws says to a request that came without an upgrade: a problem, and what arrived. */
export const upgradeRequired = object({
  ...problem.fields,
  received: object({ method: string(), httpVersion: string(), headers: record(string()) }),
});

export const anyDocument = record(shape.anything());
