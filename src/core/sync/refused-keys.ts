import { hashKey } from '../hash-key';
import type { RowProblem } from '../ledger';
import type { Applied, Key, Refusal } from '../ports';

/** Tries after which a key that is still refused is a problem: until then it may wait for another key of a later page. */
const TRIES_MIN = 3;
/** How long a problem waits for the next try. */
const RETRY_MS = 1_000;
/** SQLSTATEs of a row that stands in another's place: what lifts the refusal of one may be that of another. */
const CONFLICTS: readonly Refusal['sqlState'][] = ['23505', '23P01'];
/** Problems that are told in full; of more than that, the number says enough. */
const TOLD_MAX = 100;

/** Whether a row was refused because another one is in its place. */
export const isConflict = (fate: Applied | 'unknown' | undefined): boolean =>
  typeof fate === 'object' && CONFLICTS.includes(fate.sqlState);

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
   * Tells which keys are to be tried now. Those that conflict are tried together as soon as one of them is due: two that
   * wait for each other, each tried in a second of its own, would never meet.
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

  /** Met in this pass, and not tried. */
  waits(key: Key): void {
    const found = this.keys.get(key);
    if (found) this.keys.set(key, { ...found, pass: this.pass });
  }

  resolved(key: Key): void {
    this.keys.delete(key);
  }

  /** The end of a pass over all entries: a key that was not met has none any more. */
  passed(): void {
    for (const [key, { pass }] of this.keys) if (pass !== this.pass) this.keys.delete(key);
    this.pass += 1;
  }

  problems(table: string, salt: string): readonly RowProblem[] {
    return [...this.keys]
      .filter(([, { tries }]) => tries >= TRIES_MIN)
      .slice(0, TOLD_MAX)
      .map(([key, { refusal }]) => ({ table, chunk: null, hashedKey: hashKey(salt, key), ...refusal }));
  }
}
