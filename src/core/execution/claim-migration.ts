import { ERRORS } from '../../contract/errors';
import { traitsOf } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import { rolesOf, type Direction } from '../../contract/sides';
import { AlreadyRunning, WrongState } from '../errors';
import type { ChunkRecord, MigrationRecord } from '../ledger';
import { reopenChunks } from '../backfill/reopen-chunks';
import { isFinished, lostText } from './run-stage';
import { stillRuns } from './still-runs';
import type { World } from '../world';

/** Every migration begins with moving its rows to the target. */
const FIRST: Direction = 'forward';

/**
 * Claims the migration for an execution: a new migration, one that an earlier execution left held or died over, or a new
 * life after an abort. A resumed migration tries again what failed before.
 * @throws AlreadyRunning while the execution that owns it runs
 * @throws WrongState if it is done or being aborted
 */
export async function claimMigration(world: World, execution: string): Promise<Run> {
  const { name: migration, shape } = world.definition;
  const { control } = world;
  if (await control.create(migration, execution, shape)) {
    await control.journal.append(migration, 1, 'begun', { execution });
    return { migration, generation: 1, direction: FIRST, execution, shape, events: 0 };
  }
  const seen = await control.recordOrFail(migration);
  if (seen.owner === execution) {
    // A repeat of this very call: the first may have been cut off behind its claim.
    if (seen.status === 'running') await tryAgain(world, seen);
    return runOf(seen, execution);
  }
  await refuseUnlessFree(world, seen);
  refuseUnlessResumable(world, seen);
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
    await control.journal.append(migration, generation, 'begun', {
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
  await tryAgain(world, seen);
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

async function refuseUnlessFree(world: World, seen: MigrationRecord): Promise<void> {
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
  if (seen.owner !== null && (await stillRuns(world, seen.owner)))
    throw new AlreadyRunning(seen.migration, seen.owner);
}

/** @throws WrongState if the generation cannot be finished, or not as the definition now says */
function refuseUnlessResumable({ definition }: World, seen: MigrationRecord): void {
  if (seen.status === 'aborted') return;
  if (seen.shape !== definition.shape) {
    throw new WrongState(
      `migration ${seen.migration} began as '${seen.shape}', and its definition says '${definition.shape}' now; deploy it as it was, or abort and start again`,
    );
  }
  if (seen.captureLost !== null && !isFinished(seen, 'seal'))
    throw new WrongState(lostText(seen.migration, seen.captureLost));
}

/**
 * Forgives failed chunks, and opens those again whose rows were refused or which stayed unequal. A chunk that was given up
 * on for its refused rows starts over: behind its cursor they would stay left out.
 */
async function tryAgain(world: World, { generation, shape }: MigrationRecord): Promise<void> {
  const migration = world.definition.name;
  const { chunks } = world.control;
  const records = await chunks.list(migration, generation);
  const doubtful = records.filter(traitsOf(shape).capturesChanges ? isGivenUpOn : isDoubtful);
  await reopenChunks(world, generation, doubtful, false);
  for (const record of records) {
    if (doubtful.includes(record)) continue;
    if (record.stalled === 0 && record.failure === null && !record.recopied) continue;
    await chunks.forgive({ migration, generation, table: record.table, chunk: record.chunk });
  }
}

const isDoubtful = ({ state, skipped, comparison, orphans }: ChunkRecord): boolean =>
  state !== 'planned' && (skipped > 0 || comparison === 'unequal' || orphans > 0);

/** Where appliers write, a row that was left out is theirs, and an unequal chunk is one that somebody just wrote to. */
const isGivenUpOn = ({ state, failure }: ChunkRecord): boolean =>
  state === 'open' && failure === ERRORS.rowsRefused;
