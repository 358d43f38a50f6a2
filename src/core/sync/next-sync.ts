import { SYNC } from '../../contract/lifecycle';
import type { ApplierItem, SyncRound, SyncVerdict } from '../../contract/payloads';
import { InconsistentLedger } from '../errors';
import { flowOf } from '../flow';
import type { TableRecord } from '../ledger';
import { intactCaptures, isGivenUp, isSyncAtRest, isSyncOver } from './captures';
import { isStillRunning } from '../execution/is-still-running';
import type { FlowContext, PartitionId, World } from '../world';

/**
 * Assigns the partitions of one round of `Sync`. One execution keeps the target in sync: it takes the role if it is free, from
 * the execution that it replaces, or from one that has ended. It continues while the migration is held, pauses between the
 * verification under the fence and the flip, and ends when an upgrade has given the migration other code.
 * @throws CaptureLost if changes may be missing
 */
export async function nextSync(world: World, round: SyncRound): Promise<SyncVerdict> {
  const { control, definition } = world;
  const { generation, direction, execution } = round;
  const over: SyncVerdict = { verdict: 'over', items: [] };
  if (!(await holdsRole(world, round))) return over;
  if (round.events > SYNC.eventBudget) return { verdict: 'renew', items: [] };
  if (isSyncAtRest(await control.recordOrFail(definition.name))) return { verdict: 'idle', items: [] };
  try {
    const context: FlowContext = { ...world, flow: flowOf(world.ends, round.direction) };
    await intactCaptures(context, generation);
  } catch (error) {
    // An abort removes the captures, and records that first.
    if (isGivenUp(await control.record(definition.name), generation)) return over;
    throw error;
  }
  const tables = await control.chunks.tables(definition.name, generation);
  const partitions = partitionsOf(definition.name, generation, tables).length;
  if (tables.length !== definition.tables.length)
    throw new InconsistentLedger(
      `generation ${generation} of ${definition.name} has ${tables.length} planned tables, not ${definition.tables.length}`,
    );
  const appliers = Math.min(definition.sync.appliersMax, partitions);
  const items = Array.from({ length: appliers }, (_, applier): ApplierItem => {
    return { migration: definition.name, generation, direction, execution, applier, appliers };
  });
  return { verdict: items.length > 0 ? 'apply' : 'idle', items };
}

async function holdsRole(world: World, round: SyncRound): Promise<boolean> {
  const { generation, execution, startedBy } = round;
  const { control, definition } = world;
  const record = await control.record(definition.name);
  if (isSyncOver(record, generation) || record!.code !== round.code) return false;
  const seen = record!.sync;
  if (seen === execution) return true;
  if (seen !== null && seen !== startedBy && (await isStillRunning(world, seen))) return false;
  if (!(await control.claimSync(record!, execution))) return false;
  await control.journal.append(definition.name, generation, 'sync taken over', { execution, before: seen });
  return true;
}

/** Every partition of a generation, in the order in which they are assigned. */
export const partitionsOf = (
  migration: string,
  generation: number,
  tables: readonly TableRecord[],
): PartitionId[] =>
  tables.flatMap(({ table, layout }) =>
    Array.from({ length: layout.partitions }, (_, partition) => ({
      migration,
      generation,
      table,
      partition,
    })),
  );
