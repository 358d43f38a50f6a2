/** The laws that hold at every moment, as far as they show from outside. */
import { attemptOf, recordedWrites, servingSide } from '../../contract/writes';
import type { SeenDatabase, SeenLease } from './databases';
import type { SeenChunk, SeenLedger, SeenRecord } from './ledger';

/**
 * One look. The order in which its parts were read is what makes conclusions from one about another sound: ledger, target,
 * source, ledger again.
 */
export interface Look {
  readonly before: SeenLedger;
  readonly target: SeenDatabase;
  readonly source: SeenDatabase;
  readonly after: SeenLedger;
}

export interface Breach {
  /** Number of the law. */
  readonly law: 1 | 2 | 4 | 5 | 9;
  readonly what: string;
}

/** Remembers what was seen before. */
export class Laws {
  private readonly leases = new Map<string, SeenLease>();
  private readonly epochs = new Map<string, number>();
  private record: SeenRecord | null = null;
  /** Generations whose target was closed to the application already: it is open only after the flip then. */
  private readonly dark = new Set<number>();

  judge(look: Look): Breach[] {
    const { target, before, after } = look;
    if (target.guard?.state === 'dark' && before.record !== null) this.dark.add(before.record.generation);
    const breaches = [
      ...this.oneWriter(look),
      ...this.fences(look),
      ...this.decisions(before.record),
      ...this.decisions(after.record),
      ...this.verdicts(look),
      ...journal(after),
    ];
    return breaches.map(([law, what]) => ({ law, what }));
  }

  private *oneWriter({ before, target, source, after }: Look): Iterable<Found> {
    const isOpened = target.guard?.state === 'open' && this.dark.has(before.record?.generation ?? 0);
    if (isOpened) {
      // A sealed source stays sealed, and it was queried after the target.
      if (source.guard?.state !== 'sealed')
        yield [1, `the target takes writes while the source is ${source.guard?.state ?? 'without a guard'}`];
      if (!targetServes(after.record))
        yield [
          1,
          `the target takes writes while the ledger gives them to ${after.record?.writes ?? 'no side'}`,
        ];
    }
    if (target.guard !== null && target.guard.state !== 'dark') {
      for (const { scope } of target.leases.filter(({ open }) => open))
        yield [1, `${scope} may be written by a worker while the target is ${target.guard.state}`];
    }
    if (!targetServes(before.record)) return;
    for (const table of source.unguarded)
      yield [1, `the source's ${table} takes writes, or will, after the flip`];
  }

  private *fences({ target, source, after }: Look): Iterable<Found> {
    for (const lease of target.leases) {
      const seen = this.leases.get(lease.scope);
      if (seen !== undefined && lease.token < seen.token)
        yield [2, `the token of ${lease.scope} went back from ${seen.token} to ${lease.token}`];
      if (seen?.token === lease.token && lease.seq < seen.seq)
        yield [
          2,
          `the number of ${lease.scope} under token ${lease.token} went back from ${seen.seq} to ${lease.seq}`,
        ];
      this.leases.set(lease.scope, lease);
    }
    const last = after.record?.epoch ?? 0;
    for (const [side, { guard }] of [['source', source] as const, ['target', target] as const]) {
      if (guard === null) continue;
      yield* this.forwards(`the epoch of the ${side}'s guard`, guard.epoch);
      if (guard.epoch > last)
        yield [2, `the ${side}'s guard has epoch ${guard.epoch}, and the ledger gave ${last} at most`];
    }
    if (after.record !== null) yield* this.forwards('the epoch of the ledger', last);
  }

  private *forwards(what: string, now: number): Iterable<Found> {
    const seen = this.epochs.get(what) ?? 0;
    if (now < seen) yield [2, `${what} went back from ${seen} to ${now}`];
    this.epochs.set(what, now);
  }

  private *decisions(now: SeenRecord | null): Iterable<Found> {
    const seen = this.record;
    if (now === null) {
      if (seen !== null) yield [4, 'the record of the migration is gone'];
      return;
    }
    this.record = now;
    if (seen === null || seen.generation > now.generation) {
      if (seen !== null) yield [2, `the generation went back from ${seen.generation} to ${now.generation}`];
      return;
    }
    if (seen.generation === now.generation && targetServes(seen) && !targetServes(now))
      yield [4, `writes went from the target to ${now.writes}: two outcomes won`];
    const [was, is] = [attemptOf(recordedWrites(seen.writes)), attemptOf(recordedWrites(now.writes))];
    if (was !== null && is !== null && is < was)
      yield [4, `writes went from ${seen.writes} to ${now.writes}`];
  }

  private *verdicts({ before, target, source, after }: Look): Iterable<Found> {
    const { record } = before;
    if (record === null) return;
    if (targetServes(record) && source.guard?.state !== 'sealed')
      yield [
        4,
        `writes are at the target, and the source is ${source.guard?.state ?? 'without a guard'}, not sealed`,
      ];
    const chunks = before.chunks.filter(({ generation }) => generation === record.generation);
    for (const chunk of chunks) yield* equality(chunk);
    if (record.status === 'done') {
      for (const { scope, state, comparison } of chunks)
        if (state !== 'closed' || comparison !== 'equal')
          yield [5, `the migration is done, and ${scope} is ${state}, ${comparison}`];
    }
    // An abort takes the leases away.
    const isUndone = [record, after.record].some((each) => each === null || /^abort/.test(each.status));
    if (isUndone || after.record?.generation !== record.generation) return;
    const leases = new Map(target.leases.map((lease) => [lease.scope, lease]));
    for (const { scope, token } of chunks.filter(({ state }) => state === 'closed')) {
      const lease = leases.get(scope);
      if (lease === undefined) yield [5, `${scope} is closed in the ledger, and has no lease in the target`];
      else if (lease.token < token || (lease.token === token && lease.open))
        yield [
          5,
          `${scope} is closed in the ledger under token ${token}, and its lease is not: ${JSON.stringify(lease)}`,
        ];
    }
  }
}

const targetServes = (record: SeenRecord | null): boolean =>
  record !== null && servingSide(record.writes) === 'target';

type Found = readonly [Breach['law'], string];

function* equality({ scope, comparison, source, target }: SeenChunk): Iterable<Found> {
  if (comparison !== 'equal') return;
  if (
    source === null ||
    target === null ||
    source.checksum !== target.checksum ||
    source.rows !== target.rows
  )
    yield [
      5,
      `${scope} is called equal: ${JSON.stringify(source)} at the source, ${JSON.stringify(target)} at the target`,
    ];
}

function* journal({ journal: entries }: SeenLedger): Iterable<Found> {
  let [number, previous] = [0, '0'.repeat(64)];
  for (const entry of entries) {
    if (entry.number !== number + 1 || entry.previousHash !== previous)
      yield [4, `entry ${entry.number} of the journal does not follow from entry ${number}`];
    [number, previous] = [entry.number, entry.hash];
  }
}
