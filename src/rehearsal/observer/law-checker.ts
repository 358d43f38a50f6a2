/** Checks the laws that hold at all times, as far as they can be seen from outside. docs/guide/faults.md lists them. */
import { attemptOf, servingSide } from '../../contract/writes';
import type { ObservedDatabase, ObservedLease } from './databases';
import type { ObservedChunk, ObservedLedger, ObservedRecord } from './ledger';

/**
 * One observation. Its parts were read in this order: ledger, target, source, ledger again. The order makes conclusions
 * from one part about another sound.
 */
export interface Observation {
  readonly before: ObservedLedger;
  readonly target: ObservedDatabase;
  readonly source: ObservedDatabase;
  readonly after: ObservedLedger;
}

export interface Breach {
  /** Number of the law. */
  readonly law: 1 | 2 | 4 | 5 | 9;
  readonly description: string;
}

/** Checks one observation after another, and remembers the earlier ones. */
export class LawChecker {
  private readonly leases = new Map<string, ObservedLease>();
  private readonly epochs = new Map<string, number>();
  private record: ObservedRecord | null = null;
  /** Generations whose target was already closed to the application. From then on, it may open only after the flip. */
  private readonly dark = new Set<number>();

  check(observation: Observation): Breach[] {
    const { target, before, after } = observation;
    if (target.guard?.state === 'dark' && before.record !== null) this.dark.add(before.record.generation);
    const breaches = [
      ...this.checkOneWriter(observation),
      ...this.checkFences(observation),
      ...this.checkDecisions(before.record),
      ...this.checkDecisions(after.record),
      ...this.checkVerdicts(observation),
      ...checkJournal(after),
    ];
    return breaches.map(([law, description]) => ({ law, description }));
  }

  private *checkOneWriter({ before, target, source, after }: Observation): Iterable<Found> {
    const isOpened = target.guard?.state === 'open' && this.dark.has(before.record?.generation ?? 0);
    if (isOpened) {
      // A sealed source stays sealed, and the source was read after the target.
      if (source.guard?.state !== 'sealed')
        yield [1, `the target takes writes while the source is ${source.guard?.state ?? 'without a guard'}`];
      if (!targetServes(after.record))
        yield [
          1,
          `the target takes writes while the ledger has ${after.record === null ? 'no record' : `writes at ${after.record.writes}`}`,
        ];
    }
    if (target.guard !== null && target.guard.state !== 'dark') {
      for (const { scope } of target.leases.filter(({ open }) => open))
        yield [1, `a worker may write ${scope} while the target is ${target.guard.state}`];
    }
    if (!targetServes(before.record)) return;
    for (const table of source.unguarded)
      yield [1, `${table} of the source takes writes after the flip, or will after a deadline`];
  }

  private *checkFences({ target, source, after }: Observation): Iterable<Found> {
    for (const lease of target.leases) {
      const seen = this.leases.get(lease.scope);
      if (seen !== undefined && lease.token < seen.token)
        yield [2, `the token of ${lease.scope} decreased from ${seen.token} to ${lease.token}`];
      if (seen?.token === lease.token && lease.seq < seen.seq)
        yield [
          2,
          `the sequence number of ${lease.scope} under token ${lease.token} decreased from ${seen.seq} to ${lease.seq}`,
        ];
      this.leases.set(lease.scope, lease);
    }
    const last = after.record?.epoch ?? 0;
    for (const [side, { guard }] of [['source', source] as const, ['target', target] as const]) {
      if (guard === null) continue;
      yield* this.checkIncreasing(`the epoch of the ${side}'s guard`, guard.epoch);
      if (guard.epoch > last)
        yield [2, `the ${side}'s guard has epoch ${guard.epoch}, but the ledger issued at most ${last}`];
    }
    if (after.record !== null) yield* this.checkIncreasing('the epoch of the ledger', last);
  }

  private *checkIncreasing(what: string, now: number): Iterable<Found> {
    const seen = this.epochs.get(what) ?? 0;
    if (now < seen) yield [2, `${what} decreased from ${seen} to ${now}`];
    this.epochs.set(what, now);
  }

  private *checkDecisions(now: ObservedRecord | null): Iterable<Found> {
    const seen = this.record;
    if (now === null) {
      if (seen !== null) yield [4, 'the record of the migration disappeared'];
      return;
    }
    this.record = now;
    if (seen === null || seen.generation > now.generation) {
      if (seen !== null) yield [2, `the generation decreased from ${seen.generation} to ${now.generation}`];
      return;
    }
    if (seen.generation === now.generation && targetServes(seen) && !targetServes(now))
      yield [
        4,
        `writes moved from the target to ${now.writes}, so a flip and its cancellation both succeeded`,
      ];
    const [was, is] = [attemptOf(seen.writes), attemptOf(now.writes)];
    if (was !== null && is !== null && is < was)
      yield [4, `writes moved back from ${seen.writes} to ${now.writes}`];
  }

  private *checkVerdicts({ before, target, source, after }: Observation): Iterable<Found> {
    const { record } = before;
    if (record === null) return;
    if (targetServes(record) && source.guard?.state !== 'sealed')
      yield [
        4,
        `writes are at the target, but the source is ${source.guard?.state ?? 'without a guard'}, not sealed`,
      ];
    const chunks = before.chunks.filter(({ generation }) => generation === record.generation);
    for (const chunk of chunks) yield* checkEquality(chunk);
    if (record.status === 'done') {
      for (const { scope, state, comparison } of chunks)
        if (state !== 'closed' || comparison !== 'equal')
          yield [5, `the migration is done, but ${scope} is ${state} and ${comparison}`];
    }
    // An abort removes the leases.
    const isUndone = [record, after.record].some((each) => each === null || /^abort/.test(each.status));
    if (isUndone || after.record?.generation !== record.generation) return;
    const leases = new Map(target.leases.map((lease) => [lease.scope, lease]));
    for (const { scope, token } of chunks.filter(({ state }) => state === 'closed')) {
      const lease = leases.get(scope);
      if (lease === undefined) yield [5, `${scope} is closed in the ledger, but has no lease in the target`];
      else if (lease.token < token || (lease.token === token && lease.open))
        yield [
          5,
          `${scope} is closed in the ledger under token ${token}, but its lease is not: ${JSON.stringify(lease)}`,
        ];
    }
  }
}

const targetServes = (record: ObservedRecord | null): boolean =>
  record !== null && servingSide(record.writes) === 'target';

type Found = readonly [Breach['law'], string];

function* checkEquality({ scope, comparison, source, target }: ObservedChunk): Iterable<Found> {
  if (comparison !== 'equal') return;
  if (
    source === null ||
    target === null ||
    source.checksum !== target.checksum ||
    source.rows !== target.rows
  )
    yield [
      5,
      `the ledger says that ${scope} is equal, but it has ${JSON.stringify(source)} at the source and ${JSON.stringify(target)} at the target`,
    ];
}

function* checkJournal({ journal: entries }: ObservedLedger): Iterable<Found> {
  let [number, previous] = [0, '0'.repeat(64)];
  for (const entry of entries) {
    if (entry.number !== number + 1 || entry.previousHash !== previous)
      yield [4, `entry ${entry.number} of the journal does not follow entry ${number}`];
    [number, previous] = [entry.number, entry.hash];
  }
}
