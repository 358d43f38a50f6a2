import type { Run } from '../../contract/payloads';
import { PreflightFailed } from '../errors';
import { runStage } from '../execution/run-stage';
import type { StageContext } from '../world';

/** Checks both ends for every reason not to start. @throws PreflightFailed with all of them; nothing was changed */
export const preflight = (context: StageContext): Promise<Run> =>
  runStage(context, 'preflight', async () => {
    const problems = await context.assess();
    if (problems.length > 0) throw new PreflightFailed(context.run.migration, problems);
    return { tables: context.definition.tables.length };
  });
