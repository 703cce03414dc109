// Everybody there is, found by id, number, hidden id or name; it never sends anything.
import { digitsOf, parseAddress } from './address.ts';
import { EmulatorError } from './errors.ts';
import { generateKeyPair, typed } from './keys.ts';
import { type Kind, Person, type PersonTables } from './person.ts';
import type { Store } from './store.ts';
import { generateSigningPair, sign } from './xeddsa.ts';

const MAX_PEOPLE = 20_000;

/** Everybody, by id, number, hidden id and name. */
export class People {
  readonly #tables: PersonTables;
  readonly #byId = new Map<string, Person>();
  readonly #byNumber = new Map<string, Person>();
  readonly #byLid = new Map<string, Person>();
  readonly #random: (bytes: number) => Buffer;
  #next = 1;

  constructor(store: Store, random: (bytes: number) => Buffer) {
    this.#tables = { people: store.table('person'), uploaded: store.table('uploaded'), own: store.table('prekey') };
    this.#random = random;
    for (const [, row] of this.#tables.people.rows()) this.#index(Person.restore(String(row), this.#tables));
    for (const [key, value] of this.#tables.uploaded.rows()) {
      const [owner = '', id = ''] = key.split('/');
      const [person = '', device = ''] = owner.split(':');
      if (typeof value !== 'string')
        this.#byId.get(person)?.restorePreKey(Number(device), Number(id), Buffer.from(value));
    }
    for (const [key, value] of this.#tables.own.rows()) {
      const [person = '', id = ''] = key.split('/');
      if (typeof value !== 'string') this.#byId.get(person)?.restoreOwnPreKey(Number(id), value);
    }
  }

  all(): Iterable<Person> {
    return this.#byId.values();
  }

  /** @throws EmulatorError NUMBER_TAKEN, TOO_MANY_PEOPLE, BAD_FIELD */
  create(kind: Kind, name: string, wanted?: string): Person {
    if (this.#byId.size >= MAX_PEOPLE) throw new EmulatorError('TOO_MANY_PEOPLE');
    const serial = this.#next;
    const number = wanted === undefined ? this.#freeNumber(kind) : digitsOf(wanted);
    if (number === undefined) throw new EmulatorError('BAD_FIELD', 'number');
    if (this.#byNumber.has(number)) throw new EmulatorError('NUMBER_TAKEN', number);
    const identity = generateSigningPair();
    const signed = generateKeyPair();
    const person = new Person(
      {
        id: `${kind === 'phone' ? 'p' : 'c'}${serial}`,
        kind,
        name,
        number,
        lidUser: String(100_000_000_000_000 + serial * 7_919),
        identity,
        registrationId: this.#random(2).readUInt16BE() & 0x3fff || 1,
        signedPreKey: { id: 1, pair: signed, signature: sign(identity.private, typed(signed.public)) },
      },
      this.#tables,
    );
    this.#index(person);
    person.save();
    return person;
  }

  /** By id, phone number in any writing, or address (the device is ignored). */
  find(text: string): Person | undefined {
    const address = parseAddress(text);
    if (address) {
      if (address.server === 's.whatsapp.net') return this.#byNumber.get(address.user);
      return address.server === 'lid' ? this.#byLid.get(address.user) : undefined;
    }
    const digits = digitsOf(text);
    return this.#byId.get(text) ?? (digits === undefined ? undefined : this.#byNumber.get(digits));
  }

  /** @throws EmulatorError UNKNOWN_PERSON */
  get(text: string): Person {
    const person = this.find(text);
    if (!person) throw new EmulatorError('UNKNOWN_PERSON', text);
    return person;
  }

  phoneNamed(name: string): Person | undefined {
    for (const person of this.#byId.values()) if (person.kind === 'phone' && person.name === name) return person;
    return undefined;
  }

  #index(person: Person): void {
    this.#byId.set(person.id, person);
    this.#byNumber.set(person.number, person);
    this.#byLid.set(person.lidUser, person);
    this.#next = Math.max(this.#next, Number(person.id.slice(1)) + 1);
  }

  #freeNumber(kind: Kind): string {
    // Chinese mobile prefixes: 138 for phones, 139 for contacts, so that a log tells them apart.
    const base = kind === 'phone' ? 8_613_800_000_000 : 8_613_900_000_000;
    let serial = this.#next;
    while (this.#byNumber.has(String(base + serial))) serial += 1;
    return String(base + serial);
  }
}
