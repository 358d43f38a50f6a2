import type { Run } from '../../contract/payloads';
import { BrokenLedger, WrongState } from '../errors';
import { runStage } from '../stages/stage';
import type { StageContext } from '../stages/world';
import { reachGuard } from './reach-guard';

/** Opens the target to its application, under a new epoch, and points the route at it. */
export const openTarget = (context: StageContext): Promise<Run> =>
  runStage(context, 'open-target', async (record) => {
    const { control, flow, run } = context;
    if (record.writes !== 'target')
      throw new WrongState(`writes of ${run.migration} are at the ${record.writes}; the target stays dark`);
    const guard = await flow.to.guard.readGuard(run.migration);
    if (!guard) throw new BrokenLedger(`the target of ${run.migration} has no guard; it cannot be opened`);
    const epoch = await control.nextEpoch(run.migration);
    if (guard.state !== 'open') {
      await reachGuard(flow.to.guard, { migration: run.migration, epoch, state: 'open', from: ['dark'] });
    }
    await control.setRoute(run.migration, 'target', epoch);
    return { epoch };
  });
