import type { Run } from '../../contract/payloads';
import { intentOf } from '../../contract/writes';
import { WrongState } from '../errors';
import { isFinished, runStage } from '../execution/run-stage';
import type { StageContext } from '../world';

/** The point of no return: the compare-and-set that competes with an abort. After it, the cutover can only continue. */
export const flip = (context: StageContext): Promise<Run> => {
  const { control, run, flow } = context;
  const { side } = flow.to;
  return runStage(
    context,
    'flip',
    async (record) => {
      if (record.writes === side) return { writes: side };
      if (!isFinished(record, 'seal') || intentOf(record.writes)?.to !== side)
        throw new WrongState(`migration ${run.migration} is not sealed, so nothing was flipped`);
      if (!(await control.setWrites(record, side, ['running']))) {
        // Another invocation of this step may have been first.
        const { writes } = await control.recordOrFail(run.migration);
        if (writes !== side) throw new WrongState(`migration ${run.migration} was cancelled before the flip`);
      }
      return { from: record.writes, writes: side };
    },
    side,
  );
};
