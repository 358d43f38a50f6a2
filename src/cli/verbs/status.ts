import { servingSide } from '../../contract/writes';
import type { MigrationReport } from '../../core/ledger';
import { causeMessage } from '../../core/execution/cause-message';
import { CommandFailed } from '../failures';
import { ENVIRONMENT, MIGRATION, operatorOf, readTarget } from '../migration-verbs';
import { reportText } from '../report-text';
import type { Operator } from '../operator';
import { EXIT } from '../terminal';
import type { Verb } from '../verb';

export const status: Verb = {
  name: 'status',
  summary: 'Shows the status and progress of a migration.',
  positionals: [MIGRATION],
  flags: {
    env: ENVIRONMENT,
    problems: { description: 'show every problem of an error that lists many' },
    json: { description: 'print the whole report as one JSON object' },
  },
  details: [
    'Reads the ledger, which holds names, counts and hashes, never a row. The exit code is 1 if the migration is held or in doubt.',
  ],
  async run(given, terminal) {
    const target = readTarget(given);
    given.check();
    const operator = operatorOf(target);
    const report = await operator.report(target.migration);
    if (report === null)
      throw new CommandFailed(
        `migration ${target.migration} was never started in ${target.environment}. Start it: npx sluice start ${target.migration} --env ${target.environment}`,
      );
    const deployedCode = await operator.deployedCode();
    terminal.out(
      given.has('json')
        ? JSON.stringify({ ...report, deployedCode })
        : reportText(report, deployedCode, given.has('problems')),
    );
    const ended = await endedOwner(operator, report);
    if (ended !== null) terminal.err(ended);
    return ended !== null || isInDoubt(report) ? EXIT.failed : EXIT.ok;
  },
};

/**
 * Says that a running migration's execution has ended, or returns null. Step Functions ends an execution without recording its
 * failure if it was stopped, exceeded its time, or failed with States.Runtime, which no state catches.
 */
async function endedOwner(operator: Operator, { record }: MigrationReport): Promise<string | null> {
  const { migration, status, execution } = record;
  if (status !== 'running' || execution === null) return null;
  const state = await operator.describe(execution);
  if (state === null || state.status === 'RUNNING' || state.status === 'SUCCEEDED') return null;
  const cause = state.cause === null ? '' : `: ${causeMessage(state.cause)}`;
  return `the execution that runs migration ${migration} has ended as ${state.status}${state.error === null ? '' : ` with ${state.error}`}${cause}. Continue: npx sluice resume ${migration}`;
}

/** During sync, a recent write makes a chunk unequal, and an applier handles a skipped row: neither is in doubt. */
const isInDoubt = ({ record, tables, problems, sync }: MigrationReport): boolean =>
  record.status === 'held' ||
  (record.captureLost !== null && servingSide(record.writes) !== 'target') ||
  problems.length > 0 ||
  (sync === null
    ? tables.some(({ chunksUnequal, skipped }) => chunksUnequal > 0 || skipped > 0)
    : sync.refused > 0);
