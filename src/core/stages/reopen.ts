import type { AbortInput } from '../../contract/payloads';
import { abortEpochsOf } from '../abort/abort-epochs';
import { abortStep, type AbortStep } from '../abort/ignored-abort';
import { performAbortCall, performAbortStep, untouchedEnds } from '../abort/perform-abort-step';
import { readOwnGuard } from '../authority';
import { flowOf } from '../flow';
import type { World } from '../world';

/** Second step of an abort: opens the serving side to its application. Safe to repeat. */
export const reopen = (
  world: Pick<World, 'control' | 'ends'>,
  input: AbortInput,
): Promise<AbortStep<'opened'>> =>
  performAbortStep(world, input, async (record) => {
    const { control, ends } = world;
    const { migration } = input;
    const { from } = flowOf(ends, record.direction);
    if (record.status === 'aborted' || !(await readOwnGuard(world, from, migration)))
      return abortStep('opened');
    const epoch = abortEpochsOf(record).reopen;
    const call = await performAbortCall(world, from, record, epoch, (authority) =>
      from.guard.setGuard(authority, { state: 'open' }),
    );
    await control.journal.append(migration, record.generation, `${from.side} opened`, {
      epoch,
      untouched: untouchedEnds([call]),
    });
    return abortStep('opened');
  });
