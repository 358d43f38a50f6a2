import { ERRORS } from '../../contract/errors';
import { traitsOf } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import { rolesOf, type Direction } from '../../contract/sides';
import { AlreadyRunning, WrongState } from '../errors';
import type { ChunkRecord, MigrationRecord } from '../ledger';
import { reopenChunks } from '../backfill/reopen-chunks';
import { isFinished, captureLostMessage } from './run-stage';
import { isStillRunning } from './is-still-running';
import type { World } from '../world';

/** Every migration starts by moving its rows to the target. */
const FIRST: Direction = 'forward';

/**
 * Claims the migration for an execution: a new migration, one whose earlier execution failed or died, or a new generation
 * after an abort. A resumed migration retries what failed before.
 * @throws AlreadyRunning while the execution that owns it runs
 * @throws WrongState if it is done or being aborted
 */
export async function claimMigration(world: World, execution: string): Promise<Run> {
  const { name: migration, shape } = world.definition;
  const { control } = world;
  if (await control.create(migration, execution, shape)) {
    await control.journal.append(migration, 1, 'started', { execution });
    return { migration, generation: 1, direction: FIRST, execution, shape, events: 0 };
  }
  const seen = await control.recordOrFail(migration);
  if (seen.owner === execution) {
    // This call is a repeat: the first one may have been interrupted after its claim.
    if (seen.status === 'running') await retryFailedChunks(world, seen);
    return runOf(seen, execution);
  }
  await failUnlessFree(world, seen);
  failUnlessResumable(world, seen);
  if (seen.status === 'aborted') {
    const generation = seen.generation + 1;
    await control.takeOver(seen, execution, {
      generation,
      direction: FIRST,
      stage: null,
      writes: rolesOf(FIRST).from,
      fenceDeadline: null,
      shape,
      sync: null,
      captureLost: null,
    });
    await control.journal.append(migration, generation, 'started', {
      execution,
      afterAbortOf: seen.generation,
    });
    return { migration, generation, direction: FIRST, execution, shape, events: 0 };
  }
  await control.takeOver(seen, execution);
  await control.journal.append(migration, seen.generation, 'resumed', {
    execution,
    before: seen.owner,
    reason: seen.reason,
  });
  await retryFailedChunks(world, seen);
  return runOf(seen, execution);
}

const runOf = ({ migration, generation, direction, shape }: MigrationRecord, execution: string): Run => ({
  migration,
  generation,
  direction,
  execution,
  shape,
  events: 0,
});

async function failUnlessFree(world: World, seen: MigrationRecord): Promise<void> {
  if (seen.status === 'done') {
    throw new WrongState(
      `migration ${seen.migration} is done: the ${seen.writes} serves writes; there is nothing to run`,
    );
  }
  if (seen.status === 'aborting') {
    throw new WrongState(
      `migration ${seen.migration} is being aborted; start it again when the abort has finished`,
    );
  }
  if (seen.owner !== null && (await isStillRunning(world, seen.owner)))
    throw new AlreadyRunning(seen.migration, seen.owner);
}

/** @throws WrongState if the generation cannot finish, or the definition's shape has changed */
function failUnlessResumable({ definition }: World, seen: MigrationRecord): void {
  if (seen.status === 'aborted') return;
  if (seen.shape !== definition.shape) {
    throw new WrongState(
      `migration ${seen.migration} was started as '${seen.shape}', but its definition now says '${definition.shape}'. Deploy the earlier definition, or abort and start again`,
    );
  }
  if (seen.captureLost !== null && !isFinished(seen, 'seal'))
    throw new WrongState(captureLostMessage(seen.migration, seen.captureLost));
}

/**
 * Resets failed chunks, and reopens those with refused rows or that stayed unequal. A chunk that was abandoned for its refused
 * rows starts over, because a copy from its cursor on would skip them.
 */
async function retryFailedChunks(world: World, { generation, shape }: MigrationRecord): Promise<void> {
  const migration = world.definition.name;
  const { chunks } = world.control;
  const records = await chunks.list(migration, generation);
  const doubtful = records.filter(traitsOf(shape).capturesChanges ? isAbandoned : needsNewCopy);
  await reopenChunks(world, generation, doubtful, false);
  for (const record of records) {
    if (doubtful.includes(record)) continue;
    if (record.stalled === 0 && record.failure === null && !record.recopied) continue;
    await chunks.forgive({ migration, generation, table: record.table, chunk: record.chunk });
  }
}

const needsNewCopy = ({ state, skipped, comparison, orphans }: ChunkRecord): boolean =>
  state !== 'planned' && (skipped > 0 || comparison === 'unequal' || orphans > 0);

/** Where appliers write, they handle skipped rows, and an unequal chunk may just have been written to. */
const isAbandoned = ({ state, failure }: ChunkRecord): boolean =>
  state === 'open' && failure === ERRORS.rowsRefused;
