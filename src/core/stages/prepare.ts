import type { Run } from '../../contract/payloads';
import { PreflightRefused } from '../errors';
import { parseTableName, quoteTable, type TableName } from '../identifier';
import { reachGuard } from '../cutover/reach-guard';
import { ownedRecord, runStage } from './stage';
import type { StageContext } from './world';

/** Installs Sluice on both ends, makes the target's schema, and darkens the target: only Sluice may write to it. */
export const prepare = (context: StageContext): Promise<Run> =>
  runStage(context, 'prepare', async () => {
    const { source, target, installers, control, run, definition } = context;
    const [sourceLogin, targetLogin] = await Promise.all([source.login(), target.login()]);
    const files = await context.schemaFiles();
    const [sourceTables, targetTables] = [
      tablesOf(definition.tables.map(({ source: name }) => name)),
      tablesOf(definition.tables.map(({ target: name }) => name)),
    ];
    await ownedRecord(context);
    await Promise.all([installers.source.install(sourceLogin), installers.target.install(targetLogin)]);
    const created =
      files.length === 0
        ? 0
        : await installers.target.createTarget(run.migration, files, targetTables, targetLogin);
    const epoch = await control.nextEpoch(run.migration);
    await installers.source.register(run.migration, epoch, sourceTables);
    await installers.target.register(run.migration, epoch, targetTables);
    await ownedRecord(context);
    const dark = await control.nextEpoch(run.migration);
    await reachGuard(target, {
      migration: run.migration,
      epoch: dark,
      state: 'dark',
      from: ['open', 'dark'],
      exempt: true,
    });
    await refuseRows(context);
    return { objectsCreated: created, darkSince: dark };
  });

/** Rows that came between preflight and the dark are nobody's to overwrite. */
async function refuseRows({ installers, run, definition }: StageContext): Promise<void> {
  const filled = await installers.target.noteEmpty(run.migration);
  const problems = definition.tables
    .filter((mapping) => mapping.existingRows === 'refuse')
    .filter((mapping) => filled.includes(quoteTable(parseTableName(mapping.target)!)))
    .map((mapping) => ({
      check: 'target-empty',
      subject: mapping.target,
      found: 'rows were written to it after preflight',
      remedy:
        "abort, which opens it again; then stop their writer and empty it, or declare existingRows: 'replace'",
    }));
  if (problems.length > 0) throw new PreflightRefused(run.migration, problems, 'no row was changed');
}

export const tablesOf = (names: readonly string[]): TableName[] => names.map((name) => parseTableName(name)!);
