import type { AbortInput } from '../../contract/payloads';
import { abortedWrites } from '../../contract/writes';
import { boundedText } from '../bounded-text';
import { abortEpochsOf } from '../abort/abort-epochs';
import { assertLedgerIsCurrent } from '../authority';
import { abortStep, ignoreAbort, ignoredBecause, type AbortStep } from '../abort/ignored-abort';
import { performAbortCall, performAbortStep, untouchedEnds } from '../abort/perform-abort-step';
import { WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { World } from '../world';

type Revoked = AbortStep<'revoked'> & { readonly owningExecution: string | null };

/**
 * First step of an abort: rules out the flip by a compare-and-set, then fences every worker in both databases. Returns the
 * execution to stop, if one owns the migration. Safe to repeat. An abort of another generation, or of a run that was resumed
 * since, does nothing.
 * @throws WrongState after the flip, which cannot be aborted
 */
export async function revoke(world: Pick<World, 'control' | 'ends'>, input: AbortInput): Promise<Revoked> {
  const { record, because } = await decide(world, input);
  const step =
    because === null ? await fenceWorkers(world, input) : await ignoreAbort(world, record, input, because);
  return { ...step, owningExecution: step.verdict === 'revoked' ? record.execution : null };
}

const fenceWorkers = (world: Pick<World, 'control' | 'ends'>, input: AbortInput) =>
  performAbortStep(world, input, async (record) => {
    if (record.status === 'aborted') return abortStep('revoked');
    const epoch = abortEpochsOf(record).revoke;
    const calls = await Promise.all(
      Object.values(world.ends).map((end) =>
        performAbortCall(world, end, record, epoch, (authority) => end.guard.revoke(authority)),
      ),
    );
    await world.control.journal.append(record.migration, record.generation, 'workers revoked', {
      epoch,
      untouched: untouchedEnds(calls),
    });
    return abortStep('revoked');
  });

interface Decision {
  readonly record: MigrationRecord;
  /** Why the abort does nothing, or null. */
  readonly because: string | null;
}

async function decide(
  { control, ends }: Pick<World, 'control' | 'ends'>,
  input: AbortInput,
): Promise<Decision> {
  for (;;) {
    const record = await control.record(input.migration);
    if (!record)
      throw new WrongState(`migration ${input.migration} was never started; there is nothing to abort`);
    const because = ignoredBecause(record, input) ?? alreadyAborted(record);
    if (because !== null) return { record, because };
    failAfterFlip(record);
    failDuringAdoption(record);
    if (record.status === 'aborting') return { record, because: null };
    await assertLedgerIsCurrent({ control }, input.migration, Object.values(ends));
    const decided = await control.decideAbort(record, boundedText(input.reason));
    if (!decided) continue;
    await control.journal.append(record.migration, record.generation, 'abort decided', {
      ...{ reason: boundedText(input.reason), writes: record.writes, epoch: decided.abortEpoch },
    });
    return { record: decided, because: null };
  }
}

const alreadyAborted = ({ status, generation, migration }: MigrationRecord): string | null =>
  status === 'aborted' ? `generation ${generation} of migration ${migration} is aborted already` : null;

/** Until both ends are adopted, the control plane that lost the migration may still open an end. */
function failDuringAdoption({ migration, adoption }: MigrationRecord): void {
  if (adoption === null || adoption.finished) return;
  throw new WrongState(
    `the adoption of migration ${migration} is not finished, so it cannot be aborted yet. Finish it: npx sluice adopt ${migration}`,
  );
}

function failAfterFlip({ migration, generation, direction, status, writes }: MigrationRecord): void {
  if (abortedWrites(writes, direction) !== null && status !== 'done') return;
  throw new WrongState(
    `generation ${generation} of migration ${migration}, direction ${direction}, cannot be aborted: writes are ${writes}. An abort returns a forward generation to the source, and is possible only before the flip`,
  );
}
