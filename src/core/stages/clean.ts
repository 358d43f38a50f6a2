import { traitsOf } from '../../contract/lifecycle';
import type { AbortInput } from '../../contract/payloads';
import { abortEpochsOf } from '../abort/abort-epochs';
import { abortStep, type AbortStep } from '../abort/ignored-abort';
import { performAbortCall, performAbortStep, untouchedEnds } from '../abort/perform-abort-step';
import { readOwnGuard } from '../authority';
import { flowOf } from '../flow';
import type { End } from '../ends';
import type { Authority } from '../ports';
import type { World } from '../world';

/** Last step of an abort: restores the receiving side and removes everything that Sluice installed. Safe to repeat. */
export const clean = (
  world: Pick<World, 'control' | 'ends'>,
  input: AbortInput,
): Promise<AbortStep<'cleaned'>> =>
  performAbortStep(world, input, async (record) => {
    if (record.status === 'aborted') return abortStep('cleaned', true);
    const { control, ends } = world;
    const { migration } = input;
    const { from, to } = flowOf(ends, record.direction);
    // Capture is removed in small steps first: removed with the rest, it would block the writers of all tables at once.
    const epoch = abortEpochsOf(record).clean;
    const at = <T>(end: End, call: (authority: Authority) => Promise<T>) =>
      performAbortCall(world, end, record, epoch, call);
    const stopped = traitsOf(record.shape).capturesChanges
      ? await at(from, (authority) => from.installer.stopCapture(authority))
      : null;
    const changed = await changedTablesOf(world, [from, to], migration);
    // Its triggers are dropped table by table, because removing them locks out readers too.
    if ((await readOwnGuard(world, from, migration))?.state === 'open')
      await at(from, (authority) => from.guard.disarm(authority));
    const restored = await at(to, (authority) => to.installer.uninstall(authority));
    const removed = await at(from, (authority) => from.installer.uninstall(authority));
    await control.journal.append(migration, record.generation, 'aborted', {
      reason: record.reason,
      keptAsCopied: restored.result ?? [],
      ...(changed.length > 0 ? { changedTables: changed } : {}),
      untouched: untouchedEnds([stopped, restored, removed]),
    });
    await control.setAborted(migration, record.generation, abortEpochsOf(record).revoke);
    return abortStep('cleaned', true);
  });

/** An end without a guard may lack the functions, too: its installation was interrupted. */
async function changedTablesOf(
  world: Pick<World, 'control' | 'ends'>,
  ends: readonly End[],
  migration: string,
): Promise<readonly string[]> {
  const owner = await world.control.owner();
  const changed = await Promise.all(
    ends.map(async (end) =>
      (await readOwnGuard(world, end, migration)) ? end.guard.changedTables({ owner, migration }) : [],
    ),
  );
  return changed.flat();
}
