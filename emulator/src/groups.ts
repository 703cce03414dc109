// The groups: who is in them and who rules them; it never sends anything.
import { EmulatorError } from './errors.ts';
import type { People } from './people.ts';
import type { Person } from './person.ts';
import type { Store, Table } from './store.ts';

const MAX_MEMBERS = 1_024;

export type Role = 'superadmin' | 'admin' | 'member';

export interface Group {
  readonly id: string;
  subject: string;
  description: string;
  readonly creator: Person;
  /** Seconds since epoch. */
  readonly creation: number;
  readonly members: Map<Person, Role>;
  /** Only admins may write. */
  announce: boolean;
  /** Only admins may change the group's data. */
  locked: boolean;
  /** Seconds after which messages disappear; 0 = never. */
  ephemeral: number;
  /** Id of a file of the media host. */
  picture?: string | undefined;
  /** How often the link to join has been renewed. */
  invites: number;
}

interface GroupRow {
  readonly id: string;
  readonly subject: string;
  readonly description: string;
  readonly creator: string;
  readonly creation: number;
  readonly members: readonly (readonly [string, Role])[];
  readonly announce: boolean;
  readonly locked: boolean;
  readonly ephemeral?: number;
  readonly picture?: string;
  readonly invites?: number;
}

export class Groups {
  readonly #table: Table;
  readonly #byId = new Map<string, Group>();
  #next = 1;

  constructor(store: Store, people: People) {
    this.#table = store.table('groups');
    for (const [, text] of this.#table.rows()) {
      // The emulator wrote this row itself.
      const row = JSON.parse(String(text)) as GroupRow;
      const members = new Map(row.members.map(([id, role]) => [people.get(id), role] as const));
      this.#byId.set(row.id, { ephemeral: 0, invites: 0, ...row, creator: people.get(row.creator), members });
      this.#next += 1;
    }
  }

  all(): Iterable<Group> {
    return this.#byId.values();
  }

  /** Groups that the person is in. */
  of(person: Person): Group[] {
    return [...this.#byId.values()].filter(({ members }) => members.has(person));
  }

  find(id: string): Group | undefined {
    return this.#byId.get(id);
  }

  /** @throws EmulatorError UNKNOWN_GROUP */
  get(id: string): Group {
    const group = this.#byId.get(id);
    if (!group) throw new EmulatorError('UNKNOWN_GROUP', id);
    return group;
  }

  create(subject: string, creator: Person, members: readonly Person[], creation: number): Group {
    if (members.length > MAX_MEMBERS) throw new EmulatorError('BAD_FIELD', 'members');
    const roles = new Map<Person, Role>([[creator, 'superadmin']]);
    for (const member of members) if (!roles.has(member)) roles.set(member, 'member');
    const id = `${120_363_000_000_000_000n + BigInt(this.#next)}@g.us`;
    this.#next += 1;
    const group: Group = {
      id,
      subject,
      description: '',
      creator,
      creation,
      members: roles,
      announce: false,
      locked: false,
      ephemeral: 0,
      invites: 0,
    };
    this.#byId.set(id, group);
    this.save(group);
    return group;
  }

  save(group: Group): void {
    this.#table.put(group.id, () => {
      const { picture, ...fields } = group;
      const row: GroupRow = {
        ...fields,
        ...(picture !== undefined && { picture }),
        creator: group.creator.id,
        members: [...group.members].map(([person, role]) => [person.id, role]),
      };
      return JSON.stringify(row);
    });
  }
}
