import { rolesOf } from '../../contract/sides';
import { servingSide } from '../../contract/writes';
import { boundedText } from '../bounded-text';
import { CaptureLost, TransientFailure } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { CaptureState } from '../ports';
import { isFinished, captureLostMessage } from '../execution/run-stage';
import type { FlowContext, StageContext } from '../world';

/**
 * Ids of a generation's captures by target table, if none can have missed a change.
 * @throws CaptureLost if one may have; the ledger records it
 */
export async function intactCaptures(
  world: Pick<FlowContext, 'control' | 'flow' | 'definition'>,
  generation: number,
): Promise<ReadonlyMap<string, string>> {
  const { control, flow, definition } = world;
  const of = { owner: await control.owner(), migration: definition.name, generation };
  const captures = await flow.from.log.captures(of);
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
  // After the seal, no change can happen that would need to be captured.
  if (why === null || isFinished(await control.recordOrFail(definition.name), 'seal')) return;
  if (await control.recordCaptureLoss(definition.name, generation, flow.direction, boundedText(why)))
    await control.journal.append(definition.name, generation, 'capture lost', { why });
  throw new CaptureLost(captureLostMessage(definition.name, why));
}

/**
 * The mapped tables as both ends currently describe them.
 * @throws CaptureLost if that fails because a captured table was changed
 */
export async function describeCaptured(
  context: StageContext,
): Promise<Awaited<ReturnType<StageContext['describe']>>> {
  try {
    return await context.describe(context.flow.direction);
  } catch (error) {
    if (error instanceof TransientFailure) throw error;
    const { control, flow, run } = context;
    const captured = await flow.from.log.captures({ ...run, owner: await control.owner() });
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
    if (!capture) return [`${table}: it has no capture`];
    return capture.lost === null ? [] : [`${table}: ${capture.lost}`];
  });
  return losses.length === 0 ? null : losses.join('; ');
}

/** Whether `Sync` has nothing left to keep in sync for a generation. */
export const isSyncOver = (record: MigrationRecord | null, generation: number): boolean =>
  isGivenUp(record, generation) || record!.captureLost !== null;

/**
 * Whether the copy is verified and the source is fenced: appliers must not hold leases then, because the seal closes them.
 * Sync continues if the fence is cancelled.
 */
export const isSyncAtRest = (record: MigrationRecord): boolean =>
  servingSide(record.writes) !== rolesOf(record.direction).from && isFinished(record, 'verify');

/** Whether the generation has ended or is being aborted: the state of its captures no longer matters. */
export const isGivenUp = (record: MigrationRecord | null, generation: number): boolean =>
  record === null ||
  record.generation !== generation ||
  !['running', 'held'].includes(record.status) ||
  servingSide(record.writes) === rolesOf(record.direction).to;
