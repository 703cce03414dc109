// All that the doctor may touch of the machine it runs on, as one object that tests can hold; it judges nothing.
import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { access, constants, open, readdir, readlink, stat } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import type { SocketConstructor } from '@pulseline/client';
import type { Fact } from '@pulseline/diagnosis';
import { WebSocket } from 'ws';

export type DialOutcome = Fact<'tcp.dials'>[number]['outcome'];

export interface Dialled {
  readonly outcome: DialOutcome;
  readonly code?: string;
  readonly ms: number;
}

export interface HttpQuestion {
  readonly method?: 'GET' | 'OPTIONS' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  /** Bytes of the answer that are read; default 65,536. */
  readonly most?: number;
}

export type HttpAnswer =
  | {
      readonly outcome: 'answered';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly ms: number;
      /** Ms after the request at which each piece of the answer came. */
      readonly pieces: readonly number[];
    }
  | {
      readonly outcome: 'refused' | 'unreachable' | 'timeout' | 'reset' | 'not-http' | 'tls' | 'error';
      readonly code: string;
      readonly error: string;
      readonly ms: number;
    };

export interface FileFacts {
  readonly isFile: boolean;
  readonly modifiedAt: number;
  readonly size: number;
}

export interface World {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** The program that runs JavaScript here. */
  readonly node: string;
  /** Ms since epoch. */
  now(): number;
  /** Monotonic ms. */
  clock(): number;
  sleep(ms: number): Promise<void>;
  /** At most `most` bytes; undefined if there is no such file. Errors: what the system says (EACCES …). */
  read(path: string, most: number): Promise<Uint8Array | undefined>;
  stat(path: string): Promise<FileFacts | undefined>;
  /** May this user write there? '' or the error's code. */
  writable(path: string): Promise<string>;
  list(folder: string): Promise<readonly string[]>;
  readlink(path: string): Promise<string | undefined>;
  /** A program's stdout; undefined if it is not there, fails or takes longer than 3 s. */
  run(program: string, args: readonly string[]): Promise<string | undefined>;
  isAlive(pid: number): boolean;
  /** Errors: with Node's code. */
  lookup(host: string): Promise<readonly string[]>;
  dial(address: string, port: number, timeoutMs: number): Promise<Dialled>;
  /** Tries to listen and lets go at once: '' or the error's code. */
  bind(address: string, port: number): Promise<string>;
  request(url: string, question?: HttpQuestion): Promise<HttpAnswer>;
  readonly WebSocket: SocketConstructor;
}

const RUN_MS = 3_000;
const REQUEST_MS = 3_000;
const MOST_BODY = 65_536;

const run = promisify(execFile);

export const machine: World = {
  platform: process.platform,
  env: process.env,
  pid: process.pid,
  node: process.execPath,
  now: () => Date.now(),
  clock: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  async read(path, most) {
    let file: Awaited<ReturnType<typeof open>>;
    try {
      file = await open(path, 'r');
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw error;
    }
    try {
      // The files of /proc say that they are empty.
      const bytes = Buffer.alloc(most);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(bytes, length, most - length, null);
        length += bytesRead;
        if (bytesRead === 0 || length === most) return bytes.subarray(0, length);
      }
    } finally {
      await file.close();
    }
  },
  async stat(path) {
    try {
      const found = await stat(path);
      return { isFile: found.isFile(), modifiedAt: found.mtimeMs, size: found.size };
    } catch {
      return undefined;
    }
  },
  writable: (path) =>
    access(path, constants.W_OK).then(
      () => '',
      (error: unknown) => codeOf(error) || 'UNKNOWN',
    ),
  list: (folder) => readdir(folder).catch(() => []),
  readlink: (path) => readlink(path).catch(() => undefined),
  async run(program, args) {
    try {
      const { stdout } = await run(program, [...args], { timeout: RUN_MS, windowsHide: true, maxBuffer: 4_194_304 });
      return stdout;
    } catch {
      return undefined;
    }
  },
  isAlive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // It is there, and another user's.
      return codeOf(error) === 'EPERM';
    }
  },
  lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  dial,
  bind,
  request,
  WebSocket,
};

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const dialCodes: Readonly<Record<string, DialOutcome>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EAFNOSUPPORT: 'unreachable',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EACCES: 'denied',
  EPERM: 'denied',
};

/** What an error code of a connection attempt means. */
function dialOutcome(code: string): DialOutcome {
  return dialCodes[code] ?? 'error';
}

function dial(address: string, port: number, timeoutMs: number): Promise<Dialled> {
  const began = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (outcome: DialOutcome, code?: string): void => {
      socket.destroy();
      resolve({ outcome, ms: performance.now() - began, ...(code && { code }) });
    };
    socket.setTimeout(timeoutMs, () => end('timeout'));
    socket.once('connect', () => end('open'));
    socket.once('error', (error) => end(dialOutcome(codeOf(error)), codeOf(error)));
  });
}

function bind(address: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(codeOf(error) || 'UNKNOWN'));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve('')));
  });
}

function request(url: string, question: HttpQuestion = {}): Promise<HttpAnswer> {
  const began = performance.now();
  const since = (): number => performance.now() - began;
  const { method = 'GET', headers = {}, body, timeoutMs = REQUEST_MS, most = MOST_BODY } = question;
  return new Promise((resolve) => {
    const failed = (code: string, error: string): void =>
      resolve({ outcome: failureOf(code), code, error, ms: since() });
    const make = url.startsWith('https:') ? tlsRequest : plainRequest;
    // `agent: false`: a connection that was kept open would hide a fault of the present.
    const asked = make(url, { method, headers: { connection: 'close', ...headers }, agent: false });
    const timer = setTimeout(() => {
      failed('DEADLINE', `no answer in ${timeoutMs} ms`);
      asked.destroy();
    }, timeoutMs);
    asked.once('close', () => clearTimeout(timer));
    asked.on('error', (error) => failed(codeOf(error) || 'UNKNOWN', error.message));
    asked.once('upgrade', (answer, socket) => {
      socket.destroy();
      resolve({
        outcome: 'answered',
        status: answer.statusCode ?? 101,
        headers: plain(answer.headers),
        body: '',
        ms: since(),
        pieces: [],
      });
    });
    asked.once('response', (answer) => {
      const pieces: number[] = [];
      let text = '';
      const done = (): void =>
        resolve({
          outcome: 'answered',
          status: answer.statusCode ?? 0,
          headers: plain(answer.headers),
          body: text,
          ms: since(),
          pieces,
        });
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        pieces.push(since());
        text += piece;
        if (text.length < most) return;
        text = text.slice(0, most);
        done();
        asked.destroy();
      });
      answer.once('end', done);
      answer.once('error', done);
    });
    asked.end(body);
  });
}

function failureOf(code: string): Exclude<HttpAnswer['outcome'], 'answered'> {
  if (code === 'DEADLINE') return 'timeout';
  if (code.startsWith('HPE_')) return 'not-http';
  if (/^ERR_SSL|^ERR_TLS|CERT|^EPROTO$|^UNABLE_TO|^SELF_SIGNED|^DEPTH_ZERO/.test(code)) return 'tls';
  const outcome = dialOutcome(code);
  return outcome === 'open' || outcome === 'denied' ? 'error' : outcome;
}

function plain(headers: NodeJS.Dict<string | string[]>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value ?? '').slice(0, 500)]));
}
