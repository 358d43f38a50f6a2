import type { Run } from '../../contract/payloads';
import { InconsistentLedger, WrongState } from '../errors';
import { runStage } from '../execution/run-stage';
import type { StageContext } from '../world';
import { ensureGuardState } from './ensure-guard-state';

/** Opens the receiving side to the application under a new epoch, and sets the route to it. */
export const openSide = (context: StageContext): Promise<Run> =>
  runStage(context, 'open', async (record) => {
    const { control, flow, run } = context;
    const { side } = flow.to;
    if (record.writes !== side)
      throw new WrongState(`writes of ${run.migration} are ${record.writes}; so the ${side} stays dark`);
    const guard = await flow.to.guard.readGuard(run.migration);
    if (!guard)
      throw new InconsistentLedger(`the ${side} of ${run.migration} has no guard, so it cannot be opened`);
    const epoch = await control.nextEpoch(run.migration);
    if (guard.state !== 'open') {
      await ensureGuardState(flow.to.guard, {
        migration: run.migration,
        epoch,
        state: 'open',
        from: ['dark'],
      });
    }
    await control.setRoute(run.migration, side, epoch);
    return { epoch };
  });
