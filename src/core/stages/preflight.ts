import type { Run } from '../../contract/payloads';
import { PreflightFailed, problemText, type Problem } from '../errors';
import { runStage } from '../execution/run-stage';
import type { Notices } from '../ledger';
import type { StageContext } from '../world';

/** Notices that the record keeps: an item of DynamoDB has a limit. */
const SHOWN_MAX = 20;

/**
 * Checks both ends for every reason not to start, and records the findings that do not stop the migration.
 * @throws PreflightFailed with all reasons; nothing was changed
 */
export const preflight = (context: StageContext): Promise<Run> =>
  runStage(context, 'preflight', async (record) => {
    const { problems, notices } = await context.assess();
    if (problems.length > 0) throw new PreflightFailed(context.run.migration, problems);
    if (notices.length > 0) await context.control.changeUnchanged(record, { notices: listed(notices) });
    return { tables: context.definition.tables.length, notices: notices.length };
  });

const listed = (notices: readonly Problem[]): Notices => ({
  count: notices.length,
  shown: notices.slice(0, SHOWN_MAX).map(problemText),
});
