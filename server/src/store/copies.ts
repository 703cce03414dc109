// Copies of a database file: made while others write, checked, and made ready to go on from. It never changes the file that it copies.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CodedError } from '@pulseline/protocol';
import { Connection, text, whole } from './sqlite.ts';

/** Copies before an update that are kept beside the file. */
const COPIES_KEPT = 2;
/** The first schema that seals what logins need: a copy of an older one would keep it in the clear. */
const SEALED = 2;
/** What moves with every message: a state of yesterday would encrypt with keys that were used already. */
const RATCHETS = ['session', 'sender-key', 'sender-key-memory'] as const;

/**
 * Writes the file as it is after the last commit to `to`, which must not be there; who writes meanwhile is not held up.
 * Errors: the driver's.
 */
export function copyDatabase(file: string, to: string): void {
  const connection = new Connection(file, { readOnly: true });
  try {
    connection.prepare('VACUUM INTO ?').run(to);
  } finally {
    connection.close();
  }
  flush(to);
}

/** Brings a written file to the disk. */
export function flush(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export interface Checked {
  /** 0 for a file of another program. */
  readonly schema: number;
  readonly messages: number;
  /** The id of the key under which logins lie. */
  readonly sealedBy?: string;
}

/** Reads every page of the file. Errors: BACKUP_BAD if one is damaged, the driver's. */
export function checkDatabase(file: string): Checked {
  const connection = new Connection(file, { readOnly: true });
  try {
    const found = connection.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'];
    if (found !== 'ok') throw new CodedError('BACKUP_BAD', { from: file, detail: String(found) });
    const has = (table: string): boolean =>
      connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined;
    if (!has('meta') || !has('message')) return { schema: 0, messages: 0 };
    const meta = connection.prepare('SELECT value FROM meta WHERE key = ?');
    const schema = meta.get('schema');
    const sealedBy = meta.get('sealed_by');
    return {
      schema: schema === undefined ? 0 : Number(text(schema, 'value')),
      messages: whole(connection.prepare('SELECT count(*) AS n FROM message').get() ?? {}, 'n'),
      ...(sealedBy !== undefined && { sealedBy: text(sealedBy, 'value') }),
    };
  } finally {
    connection.close();
  }
}

/**
 * Makes a restored file one to go on from. Its streams begin a new epoch, so that whoever has heard more than it knows
 * fetches afresh. Ratchets are forgotten: the next messages make new ones, and what cannot be read is asked for again.
 */
export function renew(file: string): void {
  const connection = new Connection(file);
  try {
    connection.exec('BEGIN IMMEDIATE');
    const streams = connection.prepare('SELECT name FROM stream').all();
    const put = connection.prepare('UPDATE stream SET epoch = ? WHERE name = ?');
    for (const row of streams) put.run(randomBytes(6).toString('hex'), text(row, 'name'));
    const forget = connection.prepare('DELETE FROM login_key WHERE type = ?');
    for (const type of RATCHETS) forget.run(type);
    connection.exec('COMMIT');
  } finally {
    connection.close();
  }
  flush(file);
}

/**
 * The copy that is made before tables change: beside the file, under its old schema, the two newest kept. One of a time
 * before sealing keeps no logins.
 */
export function copyBeforeUpdate(file: string, schema: number): string {
  const to = `${file}.schema-${schema}`;
  const part = `${to}.part`;
  rmSync(part, { force: true });
  copyDatabase(file, part);
  if (schema < SEALED) {
    const connection = new Connection(part);
    try {
      connection.exec(
        'DELETE FROM login_key; DELETE FROM credentials; DELETE FROM seen; UPDATE account SET proxy = NULL; VACUUM',
      );
    } finally {
      connection.close();
    }
  }
  renameSync(part, to);
  for (const old of copiesOf(file).slice(COPIES_KEPT)) rmSync(old, { force: true });
  return to;
}

/** The newest first. */
function copiesOf(file: string): readonly string[] {
  const folder = dirname(file);
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(file)}.schema-`) && /-\d+$/.test(name))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
}
