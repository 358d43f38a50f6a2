import { rolesOf } from '../../contract/sides';
import { intentOf } from '../../contract/writes';
import type { MigrationRecord } from '../../core/ledger';
import { CommandFailed } from '../failures';
import { ENVIRONMENT, MIGRATION, operatorOf, readTarget } from '../migration-verbs';
import type { Operator } from '../operator';
import { assertResumable } from '../resumable';
import { EXIT, type Terminal } from '../terminal';
import type { Verb } from '../verb';

const POLL_MS = 1_000;

export const upgrade: Verb = {
  name: 'upgrade',
  summary: 'Moves a started migration to the deployed code.',
  positionals: [MIGRATION],
  flags: { env: ENVIRONMENT },
  details: [
    'A started migration keeps the code version that it started with. This command starts an execution of the deployed version, which checks that it can continue the migration, stops the executions of the earlier one, and continues. If it cannot, it lists every reason and changes nothing.',
    'Refused during a cutover, and after the flip.',
  ],
  async run(given, terminal) {
    const target = readTarget(given);
    given.check();
    const operator = operatorOf(target);
    const { migration } = target;
    const record = (await operator.report(migration))?.record ?? null;
    assertResumable(migration, record);
    assertUpgradable(record);
    const code = await operator.deployedCode();
    if (code === record.code) {
      terminal.out(`migration ${migration} runs the deployed code version ${code} already`);
      return EXIT.ok;
    }
    const execution = await operator.startMigration({ migration, code: 'deployed' });
    terminal.err(`upgrading as ${execution}`);
    await waitForClaim({ operator, terminal, migration, execution });
    terminal.out(`migration ${migration} moved from code version ${record.code} to ${code}, and continues`);
    terminal.out(`watch it with: npx sluice status ${migration} --env ${target.environment}`);
    return EXIT.ok;
  },
};

/** Refuses early, without an execution; the state machine checks the same. */
function assertUpgradable({ migration, writes, direction }: MigrationRecord): void {
  if (intentOf(writes) !== null)
    throw new CommandFailed(
      `migration ${migration} is in a cutover (writes are ${writes}). Upgrade when it has finished or was cancelled; npx sluice status ${migration} shows it`,
    );
  const { to } = rolesOf(direction);
  if (writes === to)
    throw new CommandFailed(
      `the ${to} serves the writes of migration ${migration}: let its recorded code version finish it`,
    );
}

interface Awaited {
  readonly operator: Operator;
  readonly terminal: Terminal;
  readonly migration: string;
  readonly execution: string;
}

/** @throws CommandFailed with the reason if the execution ended without claiming the migration */
async function waitForClaim({ operator, terminal, migration, execution }: Awaited): Promise<void> {
  for (;;) {
    const report = await operator.report(migration);
    if (report?.record.execution === execution) return;
    // DescribeExecution may not know a new execution yet.
    const state = await operator.describe(execution);
    const hasEnded = state !== null && state.status !== 'RUNNING';
    // It may have claimed the migration, and ended, since the report.
    if (hasEnded && state.error !== null) throw new CommandFailed(messageOf(state.cause) ?? state.error);
    if (hasEnded) return;
    await terminal.sleep(POLL_MS);
  }
}

/** A function's error reaches Step Functions as JSON. */
function messageOf(cause: string | null): string | null {
  try {
    const { errorMessage } = JSON.parse(cause ?? '') as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
