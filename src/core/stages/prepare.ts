import type { Run } from '../../contract/payloads';
import type { Side } from '../../contract/sides';
import { asOwningRun, assertLedgerIsCurrent, drawAuthority } from '../authority';
import { PreflightFailed } from '../errors';
import { existingRowsFor } from '../definition/inverse-mapping';
import { parseTableName, quoteTable, type TableName } from '../identifier';
import { ensureGuardState } from '../cutover/ensure-guard-state';
import { ownedRecord, runStage } from '../execution/run-stage';
import type { Authority } from '../ports';
import type { StageContext } from '../world';

/** Installs Sluice on both ends, creates the receiving tables, and darkens their side, so that only Sluice may write to it. */
export const prepare = (context: StageContext): Promise<Run> =>
  runStage(context, 'prepare', async () => {
    const { flow, run } = context;
    const { from, to } = flow;
    const [fromLogin, toLogin] = await Promise.all([from.guard.login(), to.guard.login()]);
    const files = await context.schemaFiles(to.side);
    await asOwningRun(context, (authority) =>
      Promise.all([from.installer.install(fromLogin, authority), to.installer.install(toLogin, authority)]),
    );
    await register(context);
    const create = (authority: Authority) =>
      to.installer.createTables(authority, files, tablesOf(context, to.side), toLogin);
    const created = files.length === 0 ? 0 : await asOwningRun(context, create);
    const dark = await drawAuthority(context, run.migration, [to], () => ownedRecord(context));
    await ensureGuardState(to.guard, dark, { state: 'dark' });
    await refuseRows(context);
    return { objectsCreated: created, darkSince: dark.epoch };
  });

/** Creates the guards of both ends, open, under an epoch that is newer than those of earlier generations. */
async function register(context: StageContext): Promise<void> {
  const { control, flow, run } = context;
  await assertLedgerIsCurrent(context, run.migration, [flow.from, flow.to]);
  await control.nextEpoch(run.migration);
  for (const { installer, side } of [flow.from, flow.to])
    await asOwningRun(context, (authority) => installer.register(authority, tablesOf(context, side)));
}

/** Refuses rows that were written between preflight and the darkening, because the copy would overwrite them. */
async function refuseRows(context: StageContext): Promise<void> {
  const { flow, run, definition } = context;
  const { installer, side } = flow.to;
  const filled = await asOwningRun(context, (authority) => installer.noteEmpty(authority));
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
