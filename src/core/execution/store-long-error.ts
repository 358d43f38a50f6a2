import { SluiceError } from '../errors';
import type { World } from '../world';
import { entriesOf, isShort, reportedError } from './reported-error';

/** The run that a function acts for. */
interface Owner {
  readonly migration: string;
  /** Absent before the generation is known: its record cannot refer to the error. */
  readonly generation?: number;
  /** Absent for functions that may act for several executions. */
  readonly execution?: string;
}

/**
 * Stores the whole text of an error that is too long to leave a function, and refers to it in the migration's record.
 * @returns the error to throw
 */
export async function storeLongError(
  world: Pick<World, 'control'>,
  owner: Owner,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof SluiceError) || isShort(error)) return error;
  const isStored = await store(world, owner, error).catch(() => false);
  // If it is not, the function's log has the whole text, and the error's own name still decides what follows.
  return isStored ? reportedError(error, `npx sluice status ${owner.migration} --problems`) : error;
}

async function store(
  { control }: Pick<World, 'control'>,
  { migration, generation, execution }: Owner,
  error: SluiceError,
): Promise<boolean> {
  const record = await control.record(migration);
  if (record?.generation !== generation || !record) return false;
  if (execution !== undefined && record.execution !== execution) return false;
  const failure = await control.failures.store(migration, entriesOf(error));
  return control.changeUnchanged(record, { failure });
}
