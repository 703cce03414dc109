// The tables of the SQLite store and their numbered migrations; it never touches what is in them.
import { CodedError } from '@pulseline/protocol';
import { type Connection, text } from './sqlite.ts';
import { eraseAgain } from './sqlite-erase-old.ts';
import { SEARCH_TABLES } from './sqlite-search.ts';

/**
 * Migration n (from 1) leads from schema n - 1 to schema n. A published one is never edited.
 *
 * Whole things (accounts, conversations, messages) lie in `data` as JSON; columns beside it are what a query needs.
 * `n` keeps the order of insertion, and gives large rows a table of their own instead of a place inside an index.
 */
const migrations: readonly (string | ((connection: Connection) => void))[] = [
  `
  CREATE TABLE account (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    data TEXT NOT NULL,
    proxy TEXT,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE stream (
    name TEXT PRIMARY KEY,
    epoch TEXT NOT NULL,
    seq INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE event (
    n INTEGER PRIMARY KEY,
    stream TEXT NOT NULL REFERENCES stream (name) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (stream, seq)
  ) STRICT;

  CREATE TABLE conversation (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    last_at INTEGER NOT NULL,
    last_message TEXT,
    unread INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    folded_name TEXT NOT NULL,
    digits TEXT NOT NULL,
    addresses TEXT NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX conversation_newest ON conversation (last_at, id);
  CREATE INDEX conversation_newest_of_account ON conversation (account, last_at, id);

  CREATE TABLE alias (
    account TEXT NOT NULL,
    address TEXT NOT NULL,
    conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    PRIMARY KEY (account, address)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX alias_of_conversation ON alias (conversation);

  CREATE TABLE message (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    ord INTEGER NOT NULL,
    from_me INTEGER NOT NULL,
    wa_id TEXT NOT NULL,
    author TEXT NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (conversation, ord),
    UNIQUE (wa_id, conversation, author)
  ) STRICT;

  CREATE TABLE job (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    command_id TEXT UNIQUE,
    message_id TEXT,
    wa_id TEXT,
    content BLOB,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX job_open ON job (account, created_at, n) WHERE state IN ('queued', 'sending');
  CREATE INDEX job_of_wa_id ON job (account, wa_id);
  CREATE INDEX job_of_message ON job (message_id) WHERE message_id IS NOT NULL;

  CREATE TABLE early_status (
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    wa_id TEXT NOT NULL,
    status TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, wa_id, status)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE login_key (
    n INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    value BLOB NOT NULL,
    UNIQUE (account, type, id)
  ) STRICT;

  CREATE TABLE credentials (
    account TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    value BLOB NOT NULL
  ) STRICT;

  CREATE TABLE seen (
    n INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    plaintext BLOB NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (account, hash)
  ) STRICT;
  `,
  // The id of the key that sealed the value; NULL = in the clear, as schema 1 kept it.
  `
  ALTER TABLE login_key ADD COLUMN sealed_by TEXT;
  ALTER TABLE credentials ADD COLUMN sealed_by TEXT;
  ALTER TABLE seen ADD COLUMN sealed_by TEXT;
  `,
  // What came before its message: statuses, and from now on changes too. Of several statuses the highest is kept.
  `
  CREATE TABLE early (
    n INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    wa_id TEXT NOT NULL,
    slot TEXT NOT NULL,
    data TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (account, wa_id, slot)
  ) STRICT;
  CREATE INDEX early_by_age ON early (at);
  INSERT INTO early (account, wa_id, slot, data, at)
    SELECT account, wa_id, 'status', status, at FROM early_status WHERE true
    ORDER BY CASE status WHEN 'delivered' THEN 1 WHEN 'read' THEN 2 WHEN 'played' THEN 3 ELSE 0 END
    ON CONFLICT (account, wa_id, slot) DO UPDATE SET data = excluded.data, at = excluded.at;
  DROP TABLE early_status;

  CREATE TABLE member (
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    chat TEXT NOT NULL,
    address TEXT NOT NULL,
    pn TEXT,
    role TEXT NOT NULL,
    PRIMARY KEY (account, chat, address)
  ) STRICT, WITHOUT ROWID;
  `,
  SEARCH_TABLES,
  // What an account has heard, stored and told, since it was made; who gets what we send to groups.
  `
  CREATE TABLE recipient (
    message TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    pn TEXT,
    status TEXT,
    at INTEGER,
    PRIMARY KEY (message, address)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tally (
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (account, name)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO tally SELECT stream, 'before', count(*) FROM event
    WHERE type = 'new_message' AND stream IN (SELECT id FROM account) GROUP BY stream;
  `,
  // The names of people, also of those who have no conversation yet.
  `
  CREATE TABLE contact (
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    lid TEXT,
    is_profile INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account, address)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX contact_by_lid ON contact (account, lid) WHERE lid IS NOT NULL;
  `,
  // Who has a conversation, how far the work on it is, its labels; notes for colleagues; the labels and prepared replies of the workspace.
  `
  ALTER TABLE conversation ADD COLUMN assignee TEXT;
  ALTER TABLE conversation ADD COLUMN state TEXT;
  ALTER TABLE conversation ADD COLUMN snoozed_until INTEGER;
  ALTER TABLE conversation ADD COLUMN labels TEXT NOT NULL DEFAULT '';

  CREATE TABLE note (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    folded TEXT NOT NULL,
    data TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX note_of_conversation ON note (conversation, n);

  CREATE TABLE team (
    n INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (kind, id)
  ) STRICT;
  `,
  // What opens the votes on a poll, which messages disappear when, and an index that also follows what has no text.
  `
  ALTER TABLE message ADD COLUMN secret TEXT;
  CREATE INDEX message_expiry ON message (data ->> 'expiresAt')
    WHERE data ->> 'expiresAt' IS NOT NULL AND data ->> 'kept' IS NULL;
  DROP TRIGGER search_changed;
  CREATE TRIGGER search_changed AFTER UPDATE OF data, conversation ON message
    WHEN old.conversation <> new.conversation OR old.data ->> 'body' IS NOT new.data ->> 'body'
      OR old.data ->> 'kind' <> new.data ->> 'kind' OR old.data ->> 'deleted' IS NOT new.data ->> 'deleted' BEGIN
    INSERT INTO search_waiting SELECT new.n WHERE NOT EXISTS (SELECT 1 FROM search_waiting WHERE message = new.n);
  END;
  `,
  // The files of messages, and those that wait to be sent.
  `
  CREATE TABLE media (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT REFERENCES account (id) ON DELETE CASCADE,
    message TEXT REFERENCES message (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    size INTEGER NOT NULL,
    file TEXT,
    source TEXT,
    is_wanted INTEGER NOT NULL,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX media_open ON media (account, is_wanted, n) WHERE state = 'pending';
  CREATE INDEX media_of_file ON media (file, account, size) WHERE file IS NOT NULL;
  CREATE INDEX media_of_account ON media (account);
  CREATE INDEX media_of_message ON media (message) WHERE message IS NOT NULL;
  CREATE INDEX media_uploaded ON media (created_at) WHERE message IS NULL;
  `,
  // Conversations that have become part of another one; people as they are looked for.
  `
  CREATE TABLE merged (
    id TEXT PRIMARY KEY,
    conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX merged_into ON merged (conversation);
  ALTER TABLE contact ADD COLUMN folded_name TEXT NOT NULL DEFAULT '';
  ALTER TABLE contact ADD COLUMN digits TEXT NOT NULL DEFAULT '';
  ALTER TABLE contact ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
  UPDATE contact SET folded_name = lower(data ->> 'name'), digits = replace(ifnull(data ->> 'phone', ''), '+', '');
  CREATE INDEX contact_by_name ON contact (account, folded_name, address);
  `,
  // In which states an account was seen, stretch by stretch.
  `
  CREATE TABLE account_state (
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (account, since)
  ) STRICT, WITHOUT ROWID;
  `,
  // The message whose words an event bears, so that these are found when they have to go; a new message is found by its place.
  `
  ALTER TABLE event ADD COLUMN about TEXT;
  UPDATE event SET about = iif(type = 'message_update', data ->> '$.id', data ->> '$.lastMessage.id')
    WHERE type IN ('message_update', 'conversation_update');
  CREATE INDEX event_about ON event (about) WHERE about IS NOT NULL;
  `,
  // In the order in which jobs are asked for, with all that a count looks at: neither it nor a fetch reads every job that waits.
  `
  DROP INDEX job_open;
  CREATE INDEX job_open ON job (account, (type = 'errand'), n, type, state) WHERE state IN ('queued', 'sending');
  `,
  // The message that one quotes, so that its words can go from there too; and those go that were taken away before.
  `
  ALTER TABLE message ADD COLUMN quotes TEXT;
  UPDATE message SET quotes = data ->> '$.quote.id' WHERE data ->> '$.quote.id' IS NOT NULL;
  CREATE INDEX message_quoting ON message (quotes) WHERE quotes IS NOT NULL;
  `,
  eraseAgain,
];

/** The schema that this program writes. */
export const SCHEMA = migrations.length;

/**
 * Brings the file to {@link SCHEMA}, all or nothing.
 * `beforeUpdate` is called before tables of an older schema are changed.
 * `to` stops at an older schema, for tests of what leads on from there. Errors: SCHEMA_NEWER if a newer Pulseline has written it: an old program must not guess at new tables.
 */
export function migrate(connection: Connection, to = SCHEMA, beforeUpdate: (from: number) => void = () => {}): void {
  const before = schemaOf(connection);
  if (before > SCHEMA) throw new CodedError('SCHEMA_NEWER', { found: before, known: SCHEMA });
  // Outside the transaction: a copy cannot be made within one. Nobody else writes this file.
  if (before > 0 && before < to) beforeUpdate(before);
  connection.exec('BEGIN IMMEDIATE');
  try {
    connection.exec(
      'CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',
    );
    for (const step of migrations.slice(schemaOf(connection), to)) {
      if (typeof step === 'string') connection.exec(step);
      else step(connection);
    }
    connection
      .prepare("INSERT INTO meta VALUES ('schema', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
      .run(String(to));
    connection.exec('COMMIT');
  } catch (error) {
    connection.exec('ROLLBACK');
    throw error;
  }
}

/** 0 for a file without tables. */
function schemaOf(connection: Connection): number {
  const meta = connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'").get();
  const row = meta && connection.prepare("SELECT value FROM meta WHERE key = 'schema'").get();
  return row === undefined ? 0 : Number(text(row, 'value'));
}
