import type { Run } from '../../contract/payloads';
import { WrongState } from '../errors';
import { isFinished, runStage } from '../stages/stage';
import type { StageContext } from '../stages/world';

/** The point of no return: the compare-and-set that competes with an abort's. After it, only forward. */
export const flip = (context: StageContext): Promise<Run> =>
  runStage(
    context,
    'flip',
    async (record) => {
      const { control, run } = context;
      if (record.writes === 'target') return { writes: 'target' };
      if (!isFinished(record, 'seal'))
        throw new WrongState(`migration ${run.migration} is not sealed; nothing is flipped`);
      if (!(await control.setWrites(run.migration, record.writes, 'target', ['running']))) {
        // Another invocation of this very step may have been quicker.
        const { writes } = await control.recordOrFail(run.migration);
        if (writes !== 'target')
          throw new WrongState(`migration ${run.migration} was cancelled before the flip`);
      }
      return { from: record.writes, writes: 'target' };
    },
    'target',
  );
