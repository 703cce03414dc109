// A keeper in memory for tests of the engine: atomic like the real one, with a hook before each commit; it survives the accounts that use it.
import type { Batch, Fact, FactOf, Job, Keeper, MediaJob } from '../src/whatsapp/port.ts';

type SendJob = Extract<Job, { type: 'send' }>;

export class MemoryKeeper implements Keeper {
  readonly facts: Fact[] = [];
  readonly batches: Batch[] = [];
  #jobs: Job[] = [];
  /** Files to fetch; here a file's id is WhatsApp's of its message. */
  readonly #media = new Map<string, MediaJob>();
  readonly #keys = new Map<string, Uint8Array>();
  readonly #seen = new Map<string, Uint8Array>();
  readonly #credentials = new Map<string, Uint8Array>();
  readonly #sent = new Map<string, Uint8Array>();
  readonly #watchers = new Set<() => void>();
  /** May wait, or throw to refuse the commit. */
  beforeCommit: (batch: Batch) => Promise<void> | void = () => {};
  /** How often `seen` found something. */
  redeliveries = 0;

  async commit(batch: Batch): Promise<void> {
    await this.beforeCommit(batch);
    for (const { type, id, value } of batch.keys) {
      const name = `${batch.account} ${type} ${id}`;
      if (value === null) this.#keys.delete(name);
      else this.#keys.set(name, Uint8Array.from(value));
    }
    for (const { hash, plaintext } of batch.seen)
      this.#seen.set(`${batch.account} ${hash}`, Uint8Array.from(plaintext));
    if (batch.credentials) this.#credentials.set(batch.account, Uint8Array.from(batch.credentials));
    for (const fact of batch.facts) this.#apply(fact);
    this.facts.push(...batch.facts);
    this.batches.push(batch);
    for (const watcher of this.#watchers) watcher();
  }

  async credentials(account: string): Promise<Uint8Array | undefined> {
    return this.#credentials.get(account);
  }

  async keys(account: string, wanted: readonly { readonly type: string; readonly id: string }[]) {
    return wanted.map(({ type, id }) => this.#keys.get(`${account} ${type} ${id}`));
  }

  async seen(account: string, hashes: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    for (const hash of hashes) {
      const plaintext = this.#seen.get(`${account} ${hash}`);
      if (plaintext) found.set(hash, plaintext);
    }
    this.redeliveries += found.size;
    return found;
  }

  async jobs(account: string, limit: number): Promise<readonly Job[]> {
    return this.#jobs.filter((job) => job.account === account && job.type !== 'errand').slice(0, limit);
  }

  async errands(account: string, limit: number): Promise<readonly Job[]> {
    return this.#jobs.filter((job) => job.account === account && job.type === 'errand').slice(0, limit);
  }

  async openMedia(_: string, limit: number): Promise<readonly MediaJob[]> {
    return [...this.#media.values()].slice(0, limit);
  }

  async sentContent(_: string, waId: string): Promise<Uint8Array | undefined> {
    return this.#sent.get(waId);
  }

  async forget(account: string): Promise<void> {
    this.#credentials.delete(account);
    for (const map of [this.#keys, this.#seen])
      for (const name of map.keys()) if (name.startsWith(`${account} `)) map.delete(name);
  }

  /** As if these had never been kept. */
  loseKeys(type: string): number {
    const lost = [...this.#keys.keys()].filter((name) => name.split(' ')[1] === type);
    for (const name of lost) this.#keys.delete(name);
    return lost.length;
  }

  enqueue(job: Job): void {
    this.#jobs.push(job);
  }

  setCredentials(account: string, value: Uint8Array): void {
    this.#credentials.set(account, value);
  }

  of<T extends Fact['type']>(type: T): readonly FactOf<T>[] {
    return this.facts.filter((fact): fact is FactOf<T> => fact.type === type);
  }

  /** Bodies of the messages, in order of commit. */
  bodies(): readonly string[] {
    return this.of('message').map(({ body }) => body);
  }

  openJobs(): readonly Job[] {
    return this.#jobs;
  }

  /** Resolves as soon as it holds; looked at after each commit. */
  until(holds: () => boolean, what = 'a condition', within = 10_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`not within ${within} ms: ${what}; facts: ${this.facts.map(({ type }) => type).join(' ')}`));
      }, within);
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  #apply(fact: Fact): void {
    if (fact.type === 'sending') {
      this.#jobs = this.#jobs.map((each) =>
        each.id === fact.job && each.type === 'errand' ? { ...each, started: true } : each,
      );
      if (this.#jobs.some((each) => each.id === fact.job && each.type === 'errand')) return;
      const job = this.#jobs.find((each): each is SendJob => each.id === fact.job && each.type === 'send');
      if (job === undefined) throw new Error(`no job ${fact.job}`);
      this.#sent.set(job.waId, fact.content);
      this.#jobs = this.#jobs.map((each) => (each === job ? { ...job, content: fact.content } : each));
    }
    if (fact.type === 'message' && fact.media?.source !== undefined) {
      const { key, fromMe } = fact;
      const { mime, size, source } = fact.media;
      const target = { ...key, fromMe };
      this.#media.set(key.waId, { id: key.waId, source, mime, size, isWanted: false, target });
    }
    const job = fact.type === 'media' ? this.#media.get(fact.id) : undefined;
    if (fact.type === 'media' && job !== undefined) {
      if (fact.outcome.state !== 'moved') this.#media.delete(fact.id);
      else this.#media.set(fact.id, { ...job, source: { ...job.source, path: fact.outcome.path } });
    }
    if (fact.type === 'acked') this.#jobs = this.#jobs.filter((job) => job.type !== 'send' || job.waId !== fact.waId);
    if (fact.type === 'history-due') {
      const errand = { do: 'fetch-history', notification: fact.notification } as const;
      this.#jobs.push({ id: fact.job, account: this.batches.at(-1)?.account ?? 'acc_1', type: 'errand', errand });
    }
    if (fact.type === 'job-done') this.#jobs = this.#jobs.filter((job) => job.id !== fact.job);
  }
}
