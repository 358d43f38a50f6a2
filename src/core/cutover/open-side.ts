import type { Run } from '../../contract/payloads';
import { assertLedgerIsCurrent, authorityOf, readOwnGuard } from '../authority';
import { WrongState } from '../errors';
import { runStage } from '../execution/run-stage';
import type { StageContext } from '../world';
import { attemptEpochsOf, openingEpoch } from './attempt-epochs';
import { ensureGuardState } from './ensure-guard-state';

/** Opens the receiving side to the application under the attempt's epoch, and sets the route to it. */
export const openSide = (context: StageContext): Promise<Run> =>
  runStage(context, 'open', async (record) => {
    const { control, flow, run } = context;
    const { side } = flow.to;
    if (record.writes !== side)
      throw new WrongState(`writes of ${run.migration} are ${record.writes}; so the ${side} stays dark`);
    const guard = await readOwnGuard(context, flow.to, run.migration);
    await assertLedgerIsCurrent(context, run.migration, [flow.to]);
    const { open } = attemptEpochsOf(record);
    const epoch = await openingEpoch(control, run.migration, guard, open);
    // Without a guard of its own, the database says whose guard it has.
    if (guard?.state !== 'open') {
      const authority = await authorityOf(context, record, epoch);
      await ensureGuardState(flow.to.guard, authority, { state: 'open' });
    }
    await control.setRoute(run.migration, side, epoch);
    return { epoch };
  });
