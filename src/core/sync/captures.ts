import { rolesOf } from '../../contract/sides';
import { servingSide } from '../../contract/writes';
import { CaptureLost, TransientFailure } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { CaptureState } from '../ports';
import { isFinished, lostText } from '../execution/run-stage';
import type { FlowContext, StageContext } from '../world';

/**
 * Ids of a generation's captures, by target table, if none of them may have missed a change.
 * @throws CaptureLost if one may have; the ledger says so from then on
 */
export async function intactCaptures(
  world: Pick<FlowContext, 'control' | 'flow' | 'definition'>,
  generation: number,
): Promise<ReadonlyMap<string, string>> {
  const { flow, definition } = world;
  const captures = await flow.from.log.captures(definition.name, generation);
  await refuseLoss(
    world,
    generation,
    captures,
    definition.tables.map(({ target }) => target),
  );
  return new Map(captures.map(({ table, id }) => [table, id]));
}

async function refuseLoss(
  { control, flow, definition }: Pick<FlowContext, 'control' | 'flow' | 'definition'>,
  generation: number,
  captures: readonly CaptureState[],
  tables: readonly string[],
): Promise<void> {
  const why = lossOf(tables, captures);
  // Behind the seal nothing can change any more that would have had to be captured.
  if (why === null || isFinished(await control.recordOrFail(definition.name), 'seal')) return;
  if (await control.loseCapture(definition.name, generation, flow.direction, why))
    await control.journal.append(definition.name, generation, 'capture lost', { why });
  throw new CaptureLost(lostText(definition.name, why));
}

/**
 * What is moved, as both ends describe it now.
 * @throws CaptureLost if that fails because a table that is captured already was changed
 */
export async function describeCaptured(
  context: StageContext,
): Promise<Awaited<ReturnType<StageContext['describe']>>> {
  try {
    return await context.describe(context.flow.direction);
  } catch (error) {
    if (error instanceof TransientFailure) throw error;
    const { flow, run } = context;
    const captured = await flow.from.log.captures(run.migration, run.generation);
    await refuseLoss(
      context,
      run.generation,
      captured,
      captured.map(({ table }) => table),
    );
    throw error;
  }
}

/** Why changes of the tables may be missing, or null. */
function lossOf(tables: readonly string[], captures: readonly CaptureState[]): string | null {
  const losses = tables.flatMap((table) => {
    const capture = captures.find((candidate) => candidate.table === table);
    if (!capture) return [`${table}: nothing captures it`];
    return capture.lost === null ? [] : [`${table}: ${capture.lost}`];
  });
  return losses.length === 0 ? null : losses.join('; ');
}

/** Nothing is left to be kept in sync by an execution of `Sync` that serves this generation. */
export const isSyncOver = (record: MigrationRecord | null, generation: number): boolean =>
  isGivenUp(record, generation) || record!.captureLost !== null;

/**
 * The verdict is given and the source is fenced: no applier is to hold a lease any more, since the seal closes them for good.
 * Sync goes on if the fence is cancelled.
 */
export const isSyncAtRest = (record: MigrationRecord): boolean =>
  servingSide(record.writes) !== rolesOf(record.direction).from && isFinished(record, 'verify');

/** The generation ended or is being aborted: whatever its captures are now, nothing is lost by it. */
export const isGivenUp = (record: MigrationRecord | null, generation: number): boolean =>
  record === null ||
  record.generation !== generation ||
  !['running', 'held'].includes(record.status) ||
  servingSide(record.writes) === rolesOf(record.direction).to;
