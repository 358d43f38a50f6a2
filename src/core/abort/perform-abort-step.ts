import type { AbortInput } from '../../contract/payloads';
import { authorityOf } from '../authority';
import { FencedOut, ForeignOwner, TransientFailure, WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { End } from '../ends';
import type { Authority } from '../ports';
import type { World } from '../world';
import { abortEpochsOf } from './abort-epochs';
import { ignoreAbort, ignoredBecause, type AbortStep } from './ignored-abort';

/**
 * Runs a step of an abort, unless the abort does not concern the generation that the ledger names now. If another generation starts
 * while it runs, the databases or the ledger refuse it, and it ends without an error.
 * @throws WrongState if the generation is neither being aborted nor aborted
 */
export async function performAbortStep<S extends AbortStep<string>>(
  world: Pick<World, 'control'>,
  input: AbortInput,
  act: (record: MigrationRecord) => Promise<S>,
): Promise<S | AbortStep<never>> {
  const { control } = world;
  const record = await control.recordOrFail(input.migration);
  const because = ignoredBecause(record, input);
  if (because !== null) return ignoreAbort(world, record, input, because);
  if (record.status !== 'aborted' && record.status !== 'aborting')
    throw new WrongState(`migration ${input.migration} is ${record.status}; revoke it first`);
  try {
    return await act(record);
  } catch (error) {
    if (!(error instanceof FencedOut || error instanceof WrongState)) throw error;
    const now = await control.recordOrFail(input.migration);
    const late = ignoredBecause(now, input);
    if (late === null) throw error;
    return ignoreAbort(world, now, input, late);
  }
}

/** Outcome of an abort's call at one end. */
export interface AbortCall<T> {
  /** Null if the call changed nothing there. */
  readonly result: T | null;
  /** Why the end was left alone, or null. */
  readonly untouched: string | null;
}

/**
 * Makes a call of an abort at one end, under an epoch that the abort reserved. It changes nothing where the guard belongs to another
 * control plane, and where another copy of the same abort has gone further: there the guard was removed, or has an epoch that the
 * abort reserved. A guard with any other newer epoch refuses it.
 */
export async function performAbortCall<T>(
  world: Pick<World, 'control'>,
  { guard }: Pick<End, 'guard'>,
  record: MigrationRecord,
  epoch: number,
  call: (authority: Authority) => Promise<T>,
): Promise<AbortCall<T>> {
  const authority = await authorityOf(world, record, epoch);
  try {
    return { result: await call(authority), untouched: null };
  } catch (error) {
    if (error instanceof ForeignOwner) return { result: null, untouched: error.message };
    if (error instanceof TransientFailure) throw error;
    const found = await guard.readGuard(authority);
    const isFurther =
      found === null || (error instanceof FencedOut && found.epoch <= abortEpochsOf(record).clean);
    if (!isFurther) throw error;
    return { result: null, untouched: null };
  }
}

/** Why ends were left alone, for the journal. */
export const untouchedEnds = (calls: readonly (AbortCall<unknown> | null)[]): string[] =>
  calls.flatMap((call) => call?.untouched ?? []);
