// What docs/api.md promises and the product does not do yet, each with the part that will bring it and a question that tells when it is there. A later part empties its own.
import type { Account } from '@pulseline/protocol';
import { settings } from '../../server/src/config.ts';
import { files } from '../house/tree.ts';
import type { Api } from './api.ts';

interface Running {
  readonly api: Api;
  /** Linked and READY. */
  readonly account: Account;
  /** A number that is on WhatsApp. */
  readonly number: string;
}

export interface Pending {
  /** As docs/api.md has it. */
  readonly line: string;
  readonly part: string;
  /** True as soon as it works; then it does not belong here any more. */
  readonly works: (running: Running) => Promise<boolean> | boolean;
}

const parts = {
  logins: 'logins',
  nodes: 'many nodes',
} as const;

const setting = (name: string) => () => Object.values(settings).some((each) => String(each.name) === name);

const sources = files('.ts').filter(
  ({ path }) =>
    /^(server\/src\/|protocol\/src\/(server-session|delivery))(?!http\/docs)/.test(path) && !/test/.test(path),
);

/** Does anything in the server make events of this type? Read from its sources, since most of them cannot be brought about at will. */
export function isTold(type: string): boolean {
  const made = new RegExp(
    `(\\.emit|\\btell|tellOne\\(\\s*\\w+,|encodeEphemeral)\\(?\\s*'${type}'|frame: \\{ type: '${type}'|^ {4}type: '${type}',$`,
    'm',
  );
  return sources.some(({ text }) => made.test(text));
}

export const pending: readonly Pending[] = [
  { line: 'DATABASE_URL', part: parts.nodes, works: setting('DATABASE_URL') },
  { line: 'REDIS_URL', part: parts.nodes, works: setting('REDIS_URL') },
  { line: 'PUBLIC_URL', part: parts.logins, works: setting('PUBLIC_URL') },
];
