import { createHash } from 'node:crypto';
import { TransientFailure } from '../../core/errors';
import type { JournalEntry } from '../../core/ledger';
import { padded, withoutKey, type Item, type Items } from './items';

const PREFIX = 'journal#';
const ATTEMPTS_MAX = 20;
const FIRST_HASH = '0'.repeat(64);

/** Records every decision with its evidence, append-only. Each entry contains the hash of the previous one. */
export class Journal {
  constructor(
    private readonly items: Items,
    private readonly now: () => number,
  ) {}

  /** @throws TransientFailure if other callers append during every attempt */
  async append(
    migration: string,
    generation: number,
    event: string,
    evidence: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const [last] = await this.last(migration, 1);
      const entry = chained({
        number: (last?.number ?? 0) + 1,
        at: new Date(this.now()).toISOString(),
        generation,
        event,
        evidence,
        previousHash: last?.hash ?? FIRST_HASH,
      });
      if (await this.items.create(migration, PREFIX + padded(entry.number), { ...entry })) return;
    }
    throw new TransientFailure(
      `appending to the journal of ${migration} failed ${ATTEMPTS_MAX} times: other callers were appending`,
    );
  }

  /** Reads the last entries, oldest first. */
  async last(migration: string, limit: number): Promise<JournalEntry[]> {
    const items = await this.items.query(migration, PREFIX, { limit, newestFirst: true });
    return items.slice(0, limit).map(entryOf).reverse();
  }

  /** Returns the number of the first entry that was changed, is missing or does not match the previous one; null if none. */
  async firstBroken(migration: string): Promise<number | null> {
    let previousHash = FIRST_HASH;
    let number = 1;
    for (const entry of (await this.items.query(migration, PREFIX)).map(entryOf)) {
      const { hash, ...content } = entry;
      if (entry.number !== number || entry.previousHash !== previousHash || hashOf(content) !== hash)
        return number;
      previousHash = hash;
      number += 1;
    }
    return null;
  }
}

const chained = (content: Omit<JournalEntry, 'hash'>): JournalEntry => ({
  ...content,
  hash: hashOf(content),
});

const hashOf = ({
  number,
  at,
  generation,
  event,
  evidence,
  previousHash,
}: Omit<JournalEntry, 'hash'>): string =>
  createHash('sha256')
    .update(JSON.stringify([number, at, generation, event, sorted(evidence), previousHash]))
    .digest('hex');

/** Normalizes a value before hashing: DynamoDB returns a map's names in another order, without those that have no value. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, child]) => child !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, child]) => [name, sorted(child)]);
}

const entryOf = (item: Item): JournalEntry => withoutKey(item) as unknown as JournalEntry;
