// What the doors are given: the parts behind them, as narrow as the routes need; nothing here is opened or closed.

import type { Language } from '@pulseline/protocol';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Diagnosis } from '../diagnosis/open.ts';
import type { Commands } from '../inbox/commands.ts';
import type { Hub } from '../live/port.ts';
import type { AccountRow, Store } from '../store/port.ts';
import type { Chat, Fleet } from '../whatsapp/port.ts';
import type { Ports } from './local-mode.ts';
import type { MediaParts } from './media.ts';

export interface Parts {
  readonly media: MediaParts;
  readonly language: Language;
  /** undefined = the default list of local mode. */
  readonly allowedOrigins: readonly string[] | undefined;
  readonly ports: () => Ports;
  readonly instance: { readonly id: string; readonly version: string; readonly startedAt: number };
  readonly store: Pick<Store<Commands>, 'kind' | 'writer' | 'queries' | 'probe'>;
  readonly fleet: Pick<Fleet, 'restart' | 'logout' | 'pairingCode' | 'ring' | 'lookUp' | 'typing' | 'errand' | 'ask'>;
  readonly pictures: Pictures;
  readonly dialling: Dialling;
  readonly qrCodes: QrCodes;
  readonly sandbox: Sandbox;
  readonly live: Pick<Hub, 'accept' | 'clients' | 'trace'>;
  readonly metrics: Registry;
  /** By account: what was handed over, stored and told. */
  readonly counters: { read(): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> };
  readonly diagnosis: Diagnosis;
  /** Where the log is kept; absent where it is not. */
  readonly logFolder?: string;
  readonly log: DoorLog;
  /** Ms since epoch. */
  readonly now: () => number;
}

/** Profile pictures, fetched when they are first looked at. */
export interface Pictures {
  /** Undefined if there is none to see. */
  of(account: string, chat: Chat): Promise<Buffer | undefined>;
  /** It has changed. */
  forget(account: string, address: string): Promise<void>;
}

/** Starts and ends the links of accounts. */
export interface Dialling {
  /** Starts an account's link, or starts it anew after its setup changed. */
  connect(row: AccountRow): void;
  stop(account: string): Promise<void>;
}

export interface QrCodes {
  /** The code that can be scanned now. */
  current(account: string): { readonly qr: string; readonly expiresAt: number } | undefined;
}

/** The emulator's control API. */
export interface Sandbox {
  /** Another one than the built-in: it is driven by its own control API alone. */
  readonly foreign: boolean;
  /** Resolves to the answer's JSON. Errors: SANDBOX_IS_FOREIGN, SANDBOX_FAILED, CONTACT_NOT_FOUND. */
  call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>;
}

export interface DoorLog {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export type Api = FastifyInstance;
