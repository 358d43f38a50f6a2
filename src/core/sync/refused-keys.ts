import { hashKey } from '../hash-key';
import type { RowProblem } from '../ledger';
import type { Applied, Key, Refusal } from '../ports';

/** Number of attempts after which a refused key is reported: before that it may depend on a key of a later page. */
const TRIES_MIN = 3;
/** Interval between attempts to write a reported key. */
const RETRY_MS = 1_000;
/** Conflicts with another row, which writing that row may resolve. */
const CONFLICTS: readonly Refusal['kind'][] = ['duplicate', 'exclusion'];
/** Maximum problems that are reported individually. */
const REPORTED_MAX = 100;

/** Whether a row was refused because it conflicts with another one. */
export const isConflict = (outcome: Applied | 'unknown' | undefined): boolean =>
  typeof outcome === 'object' && CONFLICTS.includes(outcome.kind);

interface RefusedKey {
  readonly refusal: Refusal;
  readonly tries: number;
  readonly triedMs: number;
  readonly pass: number;
}

/** Keys that the target refuses, over the passes of one claim. */
export class RefusedKeys {
  private readonly keys = new Map<Key, RefusedKey>();
  private pass = 0;

  get size(): number {
    return this.keys.size;
  }

  has(key: Key): boolean {
    return this.keys.has(key);
  }

  /**
   * Decides which keys to try now. Conflicting keys are tried together as soon as one of them is due: two that depend on each
   * other would otherwise never be in one call.
   */
  dueAt(nowMs: number): (key: Key) => boolean {
    const isDue = ({ tries, triedMs }: RefusedKey) => tries < TRIES_MIN || nowMs - triedMs >= RETRY_MS;
    const conflicts = ({ refusal }: RefusedKey) => isConflict(refusal);
    const together = [...this.keys.values()].some((found) => conflicts(found) && isDue(found));
    return (key) => {
      const found = this.keys.get(key);
      return !found || isDue(found) || (together && conflicts(found));
    };
  }

  refused(key: Key, refusal: Refusal, nowMs: number): void {
    const tries = (this.keys.get(key)?.tries ?? 0) + 1;
    this.keys.set(key, { refusal, tries, triedMs: nowMs, pass: this.pass });
  }

  /** Records a key that this pass has read but not tried. */
  waits(key: Key): void {
    const found = this.keys.get(key);
    if (found) this.keys.set(key, { ...found, pass: this.pass });
  }

  resolved(key: Key): void {
    this.keys.delete(key);
  }

  /** Ends a pass over all entries: a key that it did not read has no entries left. */
  passed(): void {
    for (const [key, { pass }] of this.keys) if (pass !== this.pass) this.keys.delete(key);
    this.pass += 1;
  }

  problems(table: string, salt: string): readonly RowProblem[] {
    return [...this.keys]
      .filter(([, { tries }]) => tries >= TRIES_MIN)
      .slice(0, REPORTED_MAX)
      .map(
        ([
          key,
          {
            refusal: { sqlState, constraint },
          },
        ]) => {
          return { table, chunk: null, hashedKey: hashKey(salt, key), sqlState, constraint };
        },
      );
  }
}
