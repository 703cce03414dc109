// The groups of one link as WhatsApp last told them: asked at most once in a while, forgotten at every change. It changes none.
import type { GroupMetadata } from 'baileys';
import { groupFact } from './groups.ts';
import type { Chat, Fact, Party } from './port.ts';

export interface KnownGroupsParts {
  readonly read: (group: string) => Promise<GroupMetadata>;
  readonly readAll: () => Promise<Readonly<Record<string, GroupMetadata>>>;
  readonly note: (fact: Fact) => void;
  readonly now: () => number;
}

/** Ms for which a group's members count as known; its changes are heard in between. */
const KNOWN_FOR = 5 * 60_000;
const MOST_KNOWN = 200;

export class KnownGroups {
  readonly #parts: KnownGroupsParts;
  readonly #known = new Map<string, { metadata: GroupMetadata; members: readonly Party[]; at: number }>();

  constructor(parts: KnownGroupsParts) {
    this.#parts = parts;
  }

  metadata(group: string): GroupMetadata | undefined {
    return this.#known.get(group)?.metadata;
  }

  forget(group: string | undefined): void {
    if (group !== undefined) this.#known.delete(group);
  }

  /** Who is in a group; undefined for a person. The library encrypts for the same people. */
  async recipients(to: Chat): Promise<readonly Party[] | undefined> {
    if (to.kind !== 'group') return undefined;
    const known = this.#known.get(to.address);
    if (known !== undefined && this.#parts.now() - known.at < KNOWN_FOR) return known.members;
    return this.read(to.address);
  }

  /** Asks, and tells what is so now. */
  async read(group: string): Promise<readonly Party[] | undefined> {
    const metadata = await this.#parts.read(group);
    const fact = groupFact(metadata);
    if (fact === undefined) return undefined;
    const members = fact.members ?? [];
    this.#known.delete(group);
    this.#known.set(group, { metadata, members, at: this.#parts.now() });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_KNOWN) break;
      this.#known.delete(oldest);
    }
    this.#parts.note(fact);
    return members;
  }

  /** All groups, once a link: what changed while we were away is not always told. */
  async readAll(): Promise<void> {
    for (const group of Object.values(await this.#parts.readAll())) {
      const fact = groupFact(group);
      if (fact) this.#parts.note(fact);
    }
  }
}
