import type { Run } from '../../contract/payloads';
import { AlreadyRunning, WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { World } from './world';

/**
 * Claims the migration for an execution: a new migration, one that an earlier execution left held or died over, or a new
 * life after an abort. A resumed migration tries again what failed before.
 * @throws AlreadyRunning while the execution that owns it runs
 * @throws WrongState if it is done or being aborted
 */
export async function begin(world: World, execution: string): Promise<Run> {
  const migration = world.definition.name;
  const { control } = world;
  if (await control.create(migration, execution)) {
    await control.journal.append(migration, 1, 'begun', { execution });
    return { migration, generation: 1, execution };
  }
  const seen = await control.recordOrFail(migration);
  if (seen.owner === execution) return { migration, generation: seen.generation, execution };
  await refuseUnlessFree(world, seen);
  if (seen.status === 'aborted') {
    const generation = seen.generation + 1;
    await control.takeOver(seen, execution, {
      generation,
      stage: null,
      writes: 'source',
      fenceDeadline: null,
    });
    await control.journal.append(migration, generation, 'begun', {
      execution,
      afterAbortOf: seen.generation,
    });
    return { migration, generation, execution };
  }
  await control.takeOver(seen, execution);
  await control.journal.append(migration, seen.generation, 'resumed', {
    execution,
    before: seen.owner,
    reason: seen.reason,
  });
  await tryAgain(world, seen.generation);
  return { migration, generation: seen.generation, execution };
}

async function refuseUnlessFree(world: World, seen: MigrationRecord): Promise<void> {
  if (seen.status === 'done') {
    throw new WrongState(
      `migration ${seen.migration} is done: the target serves writes; there is nothing to run`,
    );
  }
  if (seen.status === 'aborting') {
    throw new WrongState(
      `migration ${seen.migration} is being aborted; start it again when the abort has finished`,
    );
  }
  if (seen.owner !== null && (await world.isRunning(seen.owner)))
    throw new AlreadyRunning(seen.migration, seen.owner);
}

/** Forgives failed chunks, and opens those again whose rows were refused or which stayed unequal. */
async function tryAgain(world: World, generation: number): Promise<void> {
  const migration = world.definition.name;
  const { chunks } = world.control;
  for (const record of await chunks.list(migration, generation)) {
    const id = { migration, generation, table: record.table, chunk: record.chunk };
    const doubtful = record.skipped > 0 || record.comparison === 'unequal' || record.orphans > 0;
    if (record.state === 'closed' && doubtful) {
      await chunks.reopen(id, { reopened: record.reopened + 1, recopied: false });
    } else if (record.stalled > 0 || record.failure !== null || record.recopied) {
      await chunks.forgive(id);
    }
  }
}
