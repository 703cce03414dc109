// What can be seen inside, R16 to R28: shapes of the facts of the accounts, the store, the hub, the page and the machine.
import { accountStates, shape } from '@pulseline/protocol';
import type { FactForm } from './facts.ts';
import { dial } from './facts-of-reach.ts';

const { boolean, integer, list, number, object, oneOf, optional, record, string } = shape;

const text = string(4_000);
const ms = number();
const at = number();

export const inside = {
  // R16 the way to WhatsApp, by the server, without a login
  'wa.egress': {
    class: 'public',
    of: object({
      host: text,
      port: integer(),
      proxy: optional(object({ scheme: text, host: text, port: integer() })),
      /** The step that failed, or `done`. */
      step: oneOf(['done', 'proxy-dns', 'proxy-dial', 'proxy-auth', 'proxy-refused', 'dns', 'dial', 'tls', 'http']),
      outcome: optional(dial),
      code: optional(text),
      error: optional(text),
      ms: optional(ms),
    }),
  },

  // R17, R18 accounts
  accounts: {
    class: 'pseudonym',
    of: list(
      object({
        id: string(128),
        kind: oneOf(['phone', 'sandbox']),
        state: oneOf(accountStates),
        /** Code of the error table. */
        reason: optional(text),
        /** What the library said: status code and text. */
        raw: optional(text),
        since: at,
        nextTryAt: optional(at),
        attempts: optional(integer()),
        /** Changes into and out of a link in the last five minutes. */
        flaps: optional(integer()),
        proxy: optional(boolean()),
        qrSince: optional(at),
      }),
    ),
  },

  // R19 listener
  'accounts.flow': {
    class: 'pseudonym',
    of: list(
      object({
        id: string(128),
        state: oneOf(accountStates),
        wire: integer(),
        stored: integer(),
        delivered: integer(),
        lost: number(),
        untold: number(),
        /** For how long lost or untold has been other than 0. */
        disagreesMs: optional(ms),
        waiting: integer(),
        /** Which link the socket is of and which link the handler listens to; they are the same when all is well. */
        socketGeneration: optional(integer()),
        listenerGeneration: optional(integer()),
        /** Since anything came from WhatsApp. */
        silentMs: optional(ms),
      }),
    ),
  },

  // R20 decryption, per contact
  decrypt: {
    class: 'pseudonym',
    of: list(
      object({
        account: string(128),
        contact: string(300),
        total: integer(),
        filled: integer(),
        waiting: integer(),
        /** In the last ten minutes. */
        recent: optional(integer()),
        /** For how long the oldest has waited. */
        waitingMs: optional(ms),
      }),
    ),
  },

  // R21 database
  store: {
    class: 'public',
    of: object({
      kind: text,
      ok: boolean(),
      /** Code of the error table, or SQLite's own. */
      code: optional(text),
      error: optional(text),
      probeMs: optional(ms),
      freeBytes: optional(number()),
      walBytes: optional(number()),
      databaseBytes: optional(number()),
      quickCheck: optional(text),
      /** Who else holds the file, where that can be known. */
      holder: optional(text),
      waiting: optional(integer()),
      readOnly: optional(boolean()),
      /** The file that is written is no longer the one under its name. */
      gone: optional(boolean()),
      lastRefusal: optional(object({ code: text, at, count: integer() })),
    }),
  },

  /** DATA_DIR as this user finds it. `on`: what kind of place it is, where that is known to harm a database. */
  'data.folder': {
    class: 'public',
    of: object({
      path: text,
      there: boolean(),
      /** The folder, and the database in it. */
      writable: optional(boolean()),
      code: optional(text),
      on: optional(text),
    }),
  },

  /** SQLite's own quick check of the file, from outside: `ok`, or what is damaged. */
  'data.check': { class: 'public', of: object({ said: text }) },

  // R22 event log
  'log.streams': {
    class: 'pseudonym',
    of: list(
      object({
        stream: string(128),
        epoch: optional(text),
        head: integer(),
        rows: optional(integer()),
        gaps: integer(),
        fed: optional(integer()),
      }),
    ),
  },

  // R23 bus, R24 hub
  bus: {
    class: 'public',
    of: object({
      kind: text,
      ok: boolean(),
      echoMs: optional(ms),
      error: optional(text),
      healed: optional(integer()),
      nodes: optional(list(object({ node: text, lagMs: ms }))),
    }),
  },
  'hub.clients': {
    class: 'pseudonym',
    of: list(
      object({
        id: string(64),
        client: optional(text),
        phase: text,
        ageMs: ms,
        bufferedBytes: integer(),
        /** Events sent to it but not known to be read, over all streams. */
        unread: integer(),
        /** How long it has been in phase `behind`, or has acknowledged nothing while it should. */
        stuckMs: optional(ms),
      }),
    ),
  },
  'hub.stats': { class: 'public', of: record(number()) },
  /** Upgrades and requests refused since the start, by error code, with the last Origin or Host that was. */
  'doors.refused': {
    class: 'public',
    of: list(object({ code: text, count: integer(), detail: optional(text), at: optional(at) })),
  },

  // The canary: ms of each stage since it was made; `missing`: the first stage it did not reach
  canary: {
    class: 'public',
    of: object({
      id: text,
      outcome: oneOf(['arrived', 'lost', 'refused', 'late']),
      stages: record(number()),
      missing: optional(text),
      code: optional(text),
      error: optional(text),
      ms: optional(ms),
      hidden: optional(boolean()),
    }),
  },
  /** Ms that each stage took over the last messages: from the stage before it. */
  stages: {
    class: 'public',
    of: list(
      object({
        stage: text,
        count: integer(),
        /** Even the fastest took so long, in twelve windows of ten seconds or more: what waits behind a burst does not last. */
        lasting: optional(number()),
        p50: number(),
        p95: number(),
        p99: number(),
      }),
    ),
  },

  // R25, R26 the page
  'page.cursor': {
    class: 'pseudonym',
    of: list(object({ stream: string(128), seq: integer(), head: integer(), behindMs: optional(ms) })),
  },
  'page.errors': {
    class: 'public',
    of: list(
      object({ text, source: optional(text), at: optional(at), rendering: boolean(), count: optional(integer()) }),
    ),
  },
  'page.rendering': {
    class: 'public',
    of: object({
      visible: boolean(),
      longTaskMs: optional(ms),
      frozenMs: optional(ms),
      paintMs: optional(ms),
      build: optional(text),
      serverBuild: optional(text),
    }),
  },

  // R27
  webhooks: {
    class: 'public',
    of: list(object({ id: text, failing: boolean(), status: optional(integer()), error: optional(text) })),
  },

  // R28 resources of the server
  resources: {
    class: 'public',
    of: object({
      eventLoopP99Ms: optional(ms),
      eventLoopMaxMs: optional(ms),
      /** Of the last minute, how long the server waited for a processor that others had. */
      starvedMs: optional(ms),
      heapUsed: optional(number()),
      heapLimit: optional(number()),
      rss: optional(number()),
      fds: optional(integer()),
      fdLimit: optional(integer()),
      /** Errors of this process that speak of resources: EMFILE, ENOMEM, ENOBUFS. */
      refusals: optional(list(object({ code: text, count: integer(), at: optional(at) }))),
      threads: optional(list(object({ name: text, alive: boolean(), delayMs: optional(ms) }))),
    }),
  },
  /** What the server itself found (its /api/diagnosis), or why it could not be asked. */
  'server.diagnosis': {
    class: 'public',
    of: object({ ok: boolean(), code: optional(text), error: optional(text), version: optional(text) }),
  },
  /** Faults that a collector itself had. */
  collectors: {
    class: 'public',
    of: list(
      object({
        id: text,
        why: oneOf(['late', 'threw']),
        error: optional(text),
        provides: list(text),
        ms: optional(ms),
      }),
    ),
  },
} as const satisfies Readonly<Record<string, FactForm>>;
