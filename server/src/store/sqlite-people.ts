// What may be asked of people: an account's contacts, the members of a group, and what errands need to know of a conversation's ends. It changes nothing.
import { CodedError, type Contact } from '@pulseline/protocol';
import type { ContactQuery, JobRow, MemberRow, MessageRow, Page } from './port.ts';
import { type Connection, type Row, type Statement, text } from './sqlite.ts';
import { contactRow, digitsOf, folded, jobRow, memberRow, messageRow } from './sqlite-rows.ts';

const CONTACT = 'SELECT address, folded_name, is_profile, data FROM contact';
const MESSAGE =
  'SELECT id, account, conversation, wa_id, author, ord, secret, data FROM message WHERE conversation = ?';

function statements(connection: Connection) {
  const sql = (source: string): Statement => connection.prepare(source);
  return {
    // Whoever has written counts, also where no address book and no profile has told of him.
    contacts: sql(`SELECT * FROM (
        SELECT address, folded_name, digits, blocked, is_profile, data FROM contact WHERE account = ?1
        UNION ALL SELECT data ->> 'address', folded_name, digits, 0, 1, data FROM conversation c
          WHERE account = ?1 AND data ->> 'kind' = 'person' AND data ->> 'readOnly' IS NULL AND NOT EXISTS (
            SELECT 1 FROM alias a WHERE a.conversation = c.id AND (
              EXISTS (SELECT 1 FROM contact k WHERE k.account = ?1 AND k.address = a.address)
              OR EXISTS (SELECT 1 FROM contact k WHERE k.account = ?1 AND k.lid = a.address))))
      WHERE (folded_name, address) > (?2, ?3)
        AND (?4 = '' OR instr(folded_name, ?4) > 0 OR (?5 <> '' AND instr(digits, ?5) > 0)) AND blocked >= ?6
      ORDER BY folded_name, address LIMIT ?7`),
    contact: sql(`${CONTACT} WHERE account = ?1 AND address = ?2
      UNION ALL ${CONTACT} WHERE account = ?1 AND lid = ?2`),
    members: sql('SELECT address, pn, role FROM member WHERE account = ? AND chat = ?'),
    jobOfCommand: sql(`SELECT id, account, type, state, body, command_id, message_id, wa_id, content, created_at
      FROM job WHERE command_id = ?`),
    oldest: sql(`${MESSAGE} ORDER BY ord LIMIT 1`),
    newest: sql(`${MESSAGE} ORDER BY ord DESC LIMIT 1`),
  };
}

export class PeopleReader {
  readonly #sql: ReturnType<typeof statements>;

  constructor(connection: Connection) {
    this.#sql = statements(connection);
  }

  members(account: string, group: string): readonly MemberRow[] {
    return this.#sql.members.all(account, group).map(memberRow);
  }

  /** Errors: BAD_REQUEST for a cursor that is none of ours. */
  contacts({ account, q = '', blocked = false, cursor, limit }: ContactQuery): Page<Contact> {
    const [name, address] = cursor === undefined ? ['', ''] : parsePlace(cursor);
    const wanted = folded(q.trim());
    const digits = /\p{L}/u.test(wanted) ? '' : digitsOf(wanted).replace(/^0+/, '');
    const rows = this.#sql.contacts.all(account, name, address, wanted, digits, blocked, limit + 1);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map(contactOf),
      next: last === undefined ? null : JSON.stringify([text(last, 'folded_name'), text(last, 'address')]),
    };
  }

  contact(account: string, address: string): Contact | undefined {
    const row = this.#sql.contact.get(account, address);
    return row && contactOf(row);
  }

  jobOfCommand(commandId: string): JobRow | undefined {
    const row = this.#sql.jobOfCommand.get(commandId);
    return row && jobRow(row);
  }

  edges(conversation: string): { readonly oldest?: MessageRow; readonly newest?: MessageRow } {
    const [oldest, newest] = [this.#sql.oldest.get(conversation), this.#sql.newest.get(conversation)];
    return { ...(oldest && { oldest: messageRow(oldest) }), ...(newest && { newest: messageRow(newest) }) };
  }
}

/** Of a contact's row, or of a conversation's, which bears more. */
function contactOf(row: Row): Contact {
  const { contact, isProfile } = contactRow(row);
  const { account, address, lid, phone, name, blocked } = contact;
  return {
    account,
    address,
    ...(lid !== undefined && { lid }),
    ...(phone !== undefined && { phone }),
    name,
    ...(!isProfile && { saved: true }),
    ...(blocked === true && { blocked }),
  };
}

function parsePlace(cursor: string): readonly [name: string, address: string] {
  try {
    const place: unknown = JSON.parse(cursor);
    if (Array.isArray(place) && place.length === 2) return [String(place[0]), String(place[1])];
  } catch {
    // Told below.
  }
  throw new CodedError('BAD_REQUEST', { detail: `cursor=${cursor}` });
}
