import { CommandFailed } from '../failures';
import { ENVIRONMENT, MIGRATION, operatorOf, readTarget } from '../migration-verbs';
import type { ExecutionState, Operator } from '../operator';
import { EXIT, type Terminal } from '../terminal';
import type { Verb } from '../verb';

const REASON_CHARACTERS_MAX = 1_000;
const POLL_MS = 1_000;

export const abort: Verb = {
  name: 'abort',
  summary: 'Stops a migration and restores the state before it.',
  positionals: [MIGRATION],
  flags: {
    env: ENVIRONMENT,
    reason: { value: 'TEXT', description: 'the reason, for the journal' },
  },
  details: [
    'Starts an execution of the state machine Abort and waits until it ends. Interrupting this command does not stop the abort. Repeating an abort is harmless; after the flip an abort is refused.',
  ],
  async run(given, terminal) {
    const target = readTarget(given);
    const reason = given.text('reason')?.trim() ?? '';
    if (!given.has('reason'))
      given.refuse('--reason is missing; give the reason, for the journal: --reason "…"');
    if (reason.length > REASON_CHARACTERS_MAX)
      given.refuse(`--reason has ${reason.length} characters; use at most ${REASON_CHARACTERS_MAX}`);
    given.check();
    const operator = operatorOf(target);
    const execution = await operator.startAbort({ migration: target.migration, reason });
    terminal.err(`aborting as ${execution}`);
    const end = await waitForEnd(operator, execution, terminal);
    if (end.status !== 'SUCCEEDED') {
      throw new CommandFailed(
        `the abort ended as ${end.status}${end.error === null ? '' : ` with ${end.error}`}: ${end.cause ?? 'no cause given'}`,
      );
    }
    const report = await operator.report(target.migration);
    terminal.out(
      `migration ${target.migration} is ${report?.record.status ?? 'unknown'}; writes are at the ${report?.record.writes ?? '?'}`,
    );
    return report?.record.status === 'aborted' ? EXIT.ok : EXIT.failed;
  },
};

async function waitForEnd(
  operator: Operator,
  execution: string,
  terminal: Terminal,
): Promise<ExecutionState> {
  for (;;) {
    // DescribeExecution may not know a new execution yet.
    const state = await operator.describe(execution);
    if (state !== null && state.status !== 'RUNNING') return state;
    await terminal.sleep(POLL_MS);
  }
}
