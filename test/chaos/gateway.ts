// What a chaos run asks of a gateway, ours or another: to start, to die, to take a reply, and to show what it has stored. It decides no fault.
import type { Child } from '../child.ts';
import type { Found } from './oracle.ts';
import type { Chat, LinkFault, Place } from './plan.ts';

export interface Gateway {
  readonly name: string;
  /** The process that was started last. */
  readonly child: Child;
  /** Starts it; it dies at the place if one is given and it has one there. */
  launch(aim?: { readonly place: Place; readonly n: number }): void;
  /** Does it answer? */
  answers(): Promise<boolean>;
  /** Is it linked, with WhatsApp's queue read? A login that is lost is made anew, and counted. */
  online(): Promise<boolean>;
  /** Does it say that it cannot store? */
  refuses(): Promise<boolean>;
  /** Hands it a text of the account's. Resolves when it has taken it, for good; rejects without an answer, or with a refusal. */
  reply(to: Chat, text: string, command: string): Promise<void>;
  /** Faults that only it has the line for; false = none of its own. */
  dashboardFault(fault: LinkFault): boolean;
  /** Has everything that it took been sent and shown, as far as it can tell? */
  settled(): Promise<boolean>;
  /** Keeps what a resumed run needs. */
  save(): void;
  /** What contacts wrote and what the account wrote, as this gateway has it in each of its places, by name. */
  views(): Promise<readonly View[]>;
  /** More figures: name, number. */
  counts(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export interface View {
  readonly name: string;
  readonly inbound: readonly Found[];
  /** Absent = it keeps no record of that. */
  readonly outbound?: readonly Found[];
}
