// What can be seen from outside, R00 to R15: shapes of the facts of the runtime, the files, the network and the live connection.
import { shape } from '@pulseline/protocol';
import type { FactForm } from './facts.ts';

const { boolean, integer, list, number, object, oneOf, optional, record, string } = shape;

const text = string(4_000);
const ms = number();
const at = number();

/** How one attempt to connect ended. `unreachable`: EHOSTUNREACH, ENETUNREACH. `timeout`: only our deadline ended it. */
const dialOutcomes = ['open', 'refused', 'unreachable', 'timeout', 'reset', 'denied', 'error'] as const;
export const dial = oneOf(dialOutcomes);

const probe = object({
  outcome: oneOf(['answered', 'refused', 'unreachable', 'timeout', 'reset', 'blocked', 'not-http', 'tls', 'error']),
  url: text,
  status: optional(integer()),
  /** Node's error code, or the browser's error name. */
  code: optional(text),
  error: optional(text),
  ms: optional(ms),
});

/** Each fact with its shape and the class of what it holds. All of it is optional: what nobody saw is absent. */
/** All of it is optional: what nobody saw is absent. */
export const reach = {
  // R00 runtime
  'runtime.node': { class: 'public', of: object({ version: text }) },
  /** `missing`: packages that are not there. `pages`: has the web been built? (false only in production use) */
  'runtime.install': {
    class: 'public',
    of: object({ missing: list(text), pages: optional(boolean()), error: optional(text) }),
  },
  'runtime.native': { class: 'public', of: object({ module: text, ok: boolean(), error: optional(text) }) },
  /** Windows: the execution policy in force, and what npm said when it was tried. */
  'runtime.shell': { class: 'public', of: object({ policy: optional(text), error: optional(text) }) },
  /** The end of the server's log, when the last run ended by an error: its code, if coded, and its text. */
  'runtime.crash': { class: 'public', of: object({ code: optional(text), text: text, at: optional(at) }) },

  // R01 env file. One entry for each file that was meant to be web/.env.local
  'env.files': {
    class: 'public',
    of: list(
      object({
        path: text,
        /** `expected` = web/.env.local. */
        place: oneOf(['expected', 'wrong-name', 'wrong-folder']),
        readable: boolean(),
        error: optional(text),
        encoding: optional(
          oneOf(['ascii', 'utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be', 'utf-32', 'mixed', 'gbk', 'binary', 'empty']),
        ),
        /** Names that stand there, as they would be read after decoding rightly. */
        names: list(text),
        /** What else is odd: `smart-quotes`, `full-width`, `export`, `spaces-around-equals`, `nul`, `duplicate`, `yaml`, `directory`, `cr-only`, … */
        oddities: list(text),
        /** The value of NEXT_PUBLIC_API_BASE_URL, decoded rightly. */
        value: optional(text),
        /** What Next itself (without our repair) would read. */
        nextValue: optional(text),
        modifiedAt: optional(at),
      }),
    ),
  },
  /** The address that the pages use now: where it stands, whether we had to repair it, what was refused. */
  'env.base': {
    class: 'public',
    of: object({
      origin: optional(text),
      source: optional(text),
      raw: optional(text),
      refused: optional(text),
      repaired: optional(boolean()),
    }),
  },

  // R02 effective config
  /** What the open page uses, or what the built pages will use. */
  'page.config': {
    class: 'public',
    of: object({ apiBase: text, location: optional(text), mode: optional(oneOf(['development', 'production'])) }),
  },
  /** Where the server says it listens: its lock file or /status. */
  'server.address': {
    class: 'public',
    of: object({ port: integer(), webPort: optional(integer()), hosts: optional(list(text)), source: text }),
  },
  'web.process': {
    class: 'public',
    of: object({
      running: boolean(),
      pid: optional(integer()),
      startedAt: optional(at),
      mode: optional(oneOf(['development', 'production'])),
      /** The API base it hands to pages. */
      apiBase: optional(text),
    }),
  },
  /** `next dev` asked by another Host: what its own resources answered. */
  'web.devOrigin': { class: 'public', of: object({ host: text, blocked: boolean() }) },
  'web.page': { class: 'public', of: probe },

  // R03 process and port. One entry per wanted port.
  'port.owners': {
    class: 'public',
    of: list(
      object({
        port: integer(),
        /** `ours`: the holder is a Pulseline of this data folder. */
        owner: oneOf(['nobody', 'ours', 'other', 'unknown']),
        pid: optional(integer()),
        name: optional(text),
        /** In a range that Windows keeps for itself. */
        reserved: optional(boolean()),
        /** What an attempt to bind said, or the server's own start: EADDRINUSE, EACCES, … */
        bind: optional(text),
        /** The process is stopped (SIGSTOP, a debugger). */
        stopped: optional(boolean()),
        addresses: optional(list(text)),
        /** Ours holds the port too, on another address of this computer: who comes first is chance. */
        shared: optional(boolean()),
      }),
    ),
  },
  /** The data folder's lock: which process says it runs. */
  'server.lock': {
    class: 'public',
    of: object({
      pid: optional(integer()),
      alive: boolean(),
      instanceId: optional(text),
      port: optional(integer()),
      startedAt: optional(at),
      dataDir: optional(text),
    }),
  },

  // R04 names
  'dns.lookup': {
    class: 'public',
    of: object({ host: text, addresses: list(text), code: optional(text), ms: optional(ms), resolver: optional(text) }),
  },

  // R05 TCP, one entry per address
  'tcp.dials': {
    class: 'public',
    of: list(
      object({ host: text, address: text, port: integer(), outcome: dial, code: optional(text), ms: optional(ms) }),
    ),
  },

  // R06 who answers GET /status?nonce
  'http.status': {
    class: 'public',
    of: object({
      ...probe.fields,
      contentType: optional(text),
      /** The first 200 characters of an answer that is not ours. */
      body: optional(text),
      server: optional(text),
      product: optional(text),
      version: optional(text),
      instanceId: optional(text),
      nonceMatches: optional(boolean()),
      startedAt: optional(at),
      /** `code` of a problem+json. */
      problem: optional(text),
    }),
  },
  'http.livez': { class: 'public', of: probe },
  'http.readyz': { class: 'public', of: object({ ...probe.fields, problem: optional(text) }) },

  // R07 clock
  /** Server minus here, by the fastest of several round trips. */
  'clock.offset': { class: 'public', of: object({ ms: number(), uncertaintyMs: number() }) },
  /** The wall clock moved against the monotonic one, of the server or of here. */
  'clock.jumps': { class: 'public', of: list(object({ where: text, ms: number(), at })) },

  // R08 origin and Host
  /** GET /status with the page's Origin. `allowed`: what Access-Control-Allow-Origin said. */
  'http.cors': {
    class: 'public',
    of: object({ ...probe.fields, origin: text, allowed: optional(text), problem: optional(text) }),
  },
  /** The same without CORS (browser) or without an Origin (elsewhere): did anything answer? */
  'http.noCors': { class: 'public', of: probe },
  /** The same as the web server's own request. */
  'http.twin': { class: 'public', of: probe },
  /** GET /status as the address is written, with its Host. */
  'http.host': { class: 'public', of: object({ ...probe.fields, host: text, problem: optional(text) }) },

  // R09 what a browser forbids
  'page.context': {
    class: 'public',
    of: object({
      location: text,
      secure: boolean(),
      apiBase: text,
      wsUrl: text,
      /** Permission `local-network-access`: granted, denied, prompt. */
      localNetwork: optional(text),
      online: optional(boolean()),
      visibility: optional(text),
      /** CSP or mixed-content reports that named our address. */
      violations: optional(list(text)),
      userAgent: optional(text),
      serviceWorker: optional(boolean()),
    }),
  },
  /** A TLS handshake with an https/wss address. */
  'tls.dial': {
    class: 'public',
    of: object({
      url: text,
      ok: boolean(),
      code: optional(text),
      error: optional(text),
      validTo: optional(at),
      ms: optional(ms),
    }),
  },

  // R10 what arrives of an Upgrade
  /** GET /ws with the headers of an upgrade: the answer, and the headers as the server received them (`received`). */
  'ws.upgrade': {
    class: 'public',
    of: object({
      ...probe.fields,
      headers: optional(record(text)),
      /** GET /diag/echo-headers or the 426's `received`. */
      received: optional(record(text)),
      /** What answered named itself (Server, Via, X-Powered-By). */
      by: optional(text),
      body: optional(text),
      problem: optional(text),
    }),
  },
  /** How the same bytes came: `firstMs` after the request and the longest pause before lumps. */
  'http.flow': { class: 'public', of: object({ frames: integer(), heldMs: number(), lumps: integer() }) },

  // R11, R13: opening /ws
  'ws.open': {
    class: 'public',
    of: object({
      url: text,
      outcome: oneOf(['open', 'refused', 'http', 'timeout', 'closed', 'blocked', 'tls', 'error']),
      /** Status of an answer that was no upgrade. */
      status: optional(integer()),
      code: optional(text),
      error: optional(text),
      closeCode: optional(integer()),
      problem: optional(text),
      by: optional(text),
      ms: optional(ms),
    }),
  },
  'ws.hello': {
    class: 'public',
    of: object({
      outcome: oneOf(['arrived', 'silent', 'malformed', 'other-first', 'closed']),
      ms: optional(ms),
      /** The type that came first, or what the shape missed. */
      detail: optional(text),
      closeCode: optional(integer()),
      version: optional(integer()),
    }),
  },
  /** A page that opened a socket and left it within the same mount, in development. */
  'ws.mounts': { class: 'public', of: object({ abandoned: integer(), open: boolean(), development: boolean() }) },

  // R12 sign-in (with logins)
  session: { class: 'public', of: object({ required: boolean(), valid: boolean(), closeCode: optional(integer()) }) },

  // R14 heartbeat
  'ws.heartbeat': {
    class: 'public',
    of: object({ sent: integer(), answered: integer(), rtt: list(number()), lastFrameAgeMs: optional(ms) }),
  },
  /** Closings seen from here or counted by the server: how old the link was, by which code. */
  'ws.closings': {
    class: 'public',
    of: list(object({ ageMs: ms, code: integer(), at: optional(at), clean: optional(boolean()) })),
  },
  /** An idle socket was watched: how long it lived (`cut`) or was watched. */
  'ws.idle': { class: 'public', of: object({ watchedMs: ms, cut: boolean(), code: optional(integer()) }) },
  /** The page found its link dead (no frame for so long) and came back; `replayed` frames were sent again. */
  'ws.stale': { class: 'public', of: object({ silentMs: ms, recovered: boolean(), replayed: optional(integer()) }) },

  // R15 resume
  'ws.resume': {
    class: 'public',
    of: object({
      outcome: oneOf(['replayed', 'empty', 'resync', 'wrong', 'silent', 'nothing-to-ask']),
      asked: optional(integer()),
      got: optional(integer()),
      inOrder: optional(boolean()),
      reason: optional(text),
      detail: optional(text),
    }),
  },
} as const satisfies Readonly<Record<string, FactForm>>;
