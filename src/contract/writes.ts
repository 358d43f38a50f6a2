/** The values of `writes`, the one attribute of a migration's record on which cutover, cancel and abort compete. */

import { otherSide, rolesOf, type Direction, type Side } from './sides';

/**
 * The owner of the writes to the moved tables: a side; neither, while cutover attempt N moves the writes from one side to the other; the
 * source, while an abort removes everything else. Attempts count up over both directions and all generations.
 */
export type Writes = Side | `source→target#${number}` | `target→source#${number}` | typeof ABORTING;

export const ABORTING = 'source, aborting';

/** A cutover that was decided and is neither flipped nor cancelled. */
export interface CutoverIntent {
  /** The side that a cancel returns the writes to. */
  readonly from: Side;
  /** The side that a flip gives the writes to. */
  readonly to: Side;
  readonly attempt: number;
}

const INTENT = /^(source|target)→(?:source|target)#(\d+)$/;

export const intendedWrites = (from: Side, attempt: number): Writes =>
  `${from}→${otherSide(from)}#${attempt}` as Writes;

/** Returns the cutover that is in progress, or null. */
export function intentOf(writes: string): CutoverIntent | null {
  const match = INTENT.exec(writes);
  if (!match) return null;
  const from = match[1] as Side;
  return { from, to: otherSide(from), attempt: Number(match[2]) };
}

/** Returns the number of the cutover attempt that is in progress, or null. */
export const attemptOf = (writes: string): number | null => intentOf(writes)?.attempt ?? null;

export const isAborting = (writes: string): boolean => writes === ABORTING;

/** The side that serves the application, or null during a cutover. */
export function servingSide(writes: string): Side | null {
  if (writes === 'source' || writes === 'target') return writes;
  return isAborting(writes) ? 'source' : null;
}

/**
 * The value during an abort, or null where an abort is not allowed: it restores the source, so the source must own the writes, and must
 * be the side that the generation moves rows from. After the flip of a generation in reverse the source owns them too.
 */
export function abortedWrites(writes: Writes, direction: Direction): Writes | null {
  const owner = intentOf(writes)?.from ?? servingSide(writes);
  return owner === 'source' && rolesOf(direction).from === 'source' ? ABORTING : null;
}

/** The value in words for a person. */
export function writesText(writes: Writes): string {
  const intent = intentOf(writes);
  return intent
    ? `${writes} (cutover attempt ${intent.attempt}; a cancel returns them to the ${intent.from})`
    : writes;
}
