// The groups: who is in them and who rules them; it never sends anything.
import { EmulatorError } from './errors.ts';
import type { People } from './people.ts';
import type { Person } from './person.ts';
import type { Store, Table } from './store.ts';

const MAX_MEMBERS = 1_024;

export type Role = 'superadmin' | 'admin' | 'member';

/** A community is a group of groups: nobody writes in it; `announcements` is the one group of it that all its members are in. */
export type GroupKind = 'group' | 'community' | 'announcements';

export interface Group {
  readonly id: string;
  readonly kind: GroupKind;
  /** The community that it is linked to. */
  parent?: string | undefined;
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
  /** Who comes by a link waits until an admin agrees. */
  approval: boolean;
  /** Every member may add others. */
  memberAdd: boolean;
  /** Who waits, and since when in seconds. */
  readonly requests: Map<Person, number>;
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
  readonly kind?: GroupKind;
  readonly parent?: string;
  readonly approval?: boolean;
  readonly memberAdd?: boolean;
  readonly requests?: readonly (readonly [string, number])[];
}

/** What a group is before anybody changes it. */
const PLAIN = {
  kind: 'group',
  announce: false,
  locked: false,
  ephemeral: 0,
  invites: 0,
  approval: false,
  memberAdd: false,
} as const;

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
      const requests = new Map((row.requests ?? []).map(([id, at]) => [people.get(id), at] as const));
      this.#byId.set(row.id, { ...PLAIN, ...row, creator: people.get(row.creator), members, requests });
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

  /** Groups of a community, the one for announcements first. */
  linkedTo(community: Group): Group[] {
    const linked = [...this.#byId.values()].filter(({ parent }) => parent === community.id);
    return linked.toSorted((a, b) => Number(b.kind === 'announcements') - Number(a.kind === 'announcements'));
  }

  create(
    subject: string,
    creator: Person,
    members: readonly Person[],
    creation: number,
    { kind = 'group', parent }: { readonly kind?: GroupKind; readonly parent?: string } = {},
  ): Group {
    if (members.length > MAX_MEMBERS) throw new EmulatorError('BAD_FIELD', 'members');
    const roles = new Map<Person, Role>([[creator, 'superadmin']]);
    for (const member of members) if (!roles.has(member)) roles.set(member, 'member');
    const id = `${120_363_000_000_000_000n + BigInt(this.#next)}@g.us`;
    this.#next += 1;
    const group: Group = {
      ...PLAIN,
      id,
      kind,
      parent,
      subject,
      description: '',
      creator,
      creation,
      members: roles,
      requests: new Map(),
      announce: kind !== 'group',
    };
    this.#byId.set(id, group);
    this.save(group);
    return group;
  }

  save(group: Group): void {
    this.#table.put(group.id, () => {
      const { picture, parent, ...fields } = group;
      const row: GroupRow = {
        ...fields,
        ...(picture !== undefined && { picture }),
        ...(parent !== undefined && { parent }),
        requests: [...group.requests].map(([person, at]) => [person.id, at]),
        creator: group.creator.id,
        members: [...group.members].map(([person, role]) => [person.id, role]),
      };
      return JSON.stringify(row);
    });
  }
}
