import type { Run } from '../../contract/payloads';
import type { Side } from '../../contract/sides';
import { PreflightFailed } from '../errors';
import { existingRowsFor } from '../definition/inverse-mapping';
import { parseTableName, quoteTable, type TableName } from '../identifier';
import { ensureGuardState } from '../cutover/ensure-guard-state';
import { ownedRecord, runStage } from '../execution/run-stage';
import type { StageContext } from '../world';

/** Installs Sluice on both ends, creates the receiving tables, and darkens their side, so that only Sluice may write to it. */
export const prepare = (context: StageContext): Promise<Run> =>
  runStage(context, 'prepare', async () => {
    const { flow, control, run } = context;
    const { from, to } = flow;
    const [fromLogin, toLogin] = await Promise.all([from.guard.login(), to.guard.login()]);
    const files = await context.schemaFiles(to.side);
    const receiving = tablesOf(context, to.side);
    await ownedRecord(context);
    await Promise.all([from.installer.install(fromLogin), to.installer.install(toLogin)]);
    const created =
      files.length === 0 ? 0 : await to.installer.createTables(run.migration, files, receiving, toLogin);
    const epoch = await control.nextEpoch(run.migration);
    await ownedRecord(context);
    await from.installer.register(run.migration, epoch, tablesOf(context, from.side));
    await to.installer.register(run.migration, epoch, receiving);
    // Draw the epoch first: a guard of a later generation is newer, so this call cannot darken it.
    const dark = await control.nextEpoch(run.migration);
    await ownedRecord(context);
    await ensureGuardState(to.guard, {
      migration: run.migration,
      epoch: dark,
      state: 'dark',
      from: ['open', 'dark'],
      exempt: true,
    });
    await refuseRows(context);
    return { objectsCreated: created, darkSince: dark };
  });

/** Refuses rows that were written between preflight and the darkening, because the copy would overwrite them. */
async function refuseRows({ flow, run, definition }: StageContext): Promise<void> {
  const { installer, side } = flow.to;
  const filled = await installer.noteEmpty(run.migration);
  const problems = definition.tables
    .filter((mapping) => existingRowsFor(flow.direction, mapping) === 'refuse')
    .filter((mapping) => filled.includes(quoteTable(parseTableName(mapping[side])!)))
    .map((mapping) => ({
      check: 'target-empty',
      subject: mapping[side],
      found: 'rows were written to the table after preflight',
      remedy:
        "Abort, which opens the table again. Then stop their writer and empty the table, or set existingRows: 'replace'",
    }));
  if (problems.length > 0) throw new PreflightFailed(run.migration, problems, 'no row was changed');
}

const tablesOf = ({ definition }: StageContext, side: Side): TableName[] =>
  definition.tables.map((mapping) => parseTableName(mapping[side])!);
