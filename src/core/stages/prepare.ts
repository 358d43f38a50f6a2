import type { Run } from '../../contract/payloads';
import type { LoginNames } from '../../contract/logins';
import type { Role, Side } from '../../contract/sides';
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
    const logins = await namesOfLogins(context);
    const files = await context.schemaFiles(to.side);
    await asOwningRun(context, (authority) =>
      Promise.all([
        from.installer.install(logins.from, authority),
        to.installer.install(logins.to, authority),
      ]),
    );
    await register(context, logins);
    const create = (authority: Authority) =>
      to.installer.createTables(authority, files, tablesOf(context, to.side), logins.to);
    const created = files.length === 0 ? 0 : await asOwningRun(context, create);
    const dark = await drawAuthority(context, run.migration, [to], () => ownedRecord(context));
    await ensureGuardState(to.guard, dark, { state: 'dark' });
    await refuseRows(context);
    return { objectsCreated: created, darkSince: dark.epoch };
  });

type LoginsOfEnds = Readonly<Record<Role, LoginNames>>;

async function namesOfLogins({ flow }: StageContext): Promise<LoginsOfEnds> {
  const [from, to] = await Promise.all([flow.from.logins.names(), flow.to.logins.names()]);
  return { from, to };
}

/** Creates the guards of both ends, open, under an epoch that is newer than those of earlier generations. */
async function register(context: StageContext, logins: LoginsOfEnds): Promise<void> {
  const { control, flow, run } = context;
  await assertLedgerIsCurrent(context, run.migration, [flow.from, flow.to]);
  await control.nextEpoch(run.migration);
  for (const role of ['from', 'to'] as const) {
    const { installer, side } = flow[role];
    await asOwningRun(context, (authority) =>
      installer.register(authority, tablesOf(context, side), logins[role].worker),
    );
  }
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
