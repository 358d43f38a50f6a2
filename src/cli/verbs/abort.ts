import { causeMessage } from '../../core/execution/cause-message';
import type { AbortOutcome } from '../../contract/payloads';
import { CommandFailed } from '../failures';
import { ENVIRONMENT, MIGRATION, operatorOf, readTarget, type Target } from '../migration-verbs';
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
    generation: { value: 'N', description: 'the generation to abort (default: the current one)' },
  },
  details: [
    'Starts an execution of the state machine Abort and waits until it ends. Interrupting this command does not stop the abort. Repeating an abort is harmless: if the generation has ended, it does nothing and says so. After the flip an abort is refused.',
  ],
  async run(given, terminal) {
    const target = readTarget(given);
    const reason = given.text('reason')?.trim() ?? '';
    if (!given.has('reason'))
      given.refuse('--reason is missing; give the reason, for the journal: --reason "…"');
    if (reason.length > REASON_CHARACTERS_MAX)
      given.refuse(`--reason has ${reason.length} characters; use at most ${REASON_CHARACTERS_MAX}`);
    const wanted = given.wholeNumber('generation', 1, Number.MAX_SAFE_INTEGER);
    given.check();
    const operator = operatorOf(target);
    const generation = wanted ?? (await currentGeneration(operator, target));
    const execution = await operator.startAbort({ migration: target.migration, generation, reason });
    terminal.err(`aborting as ${execution}`);
    const end = await waitForEnd(operator, execution, terminal);
    if (end.status !== 'SUCCEEDED') {
      const cause = end.cause === null ? 'no cause given' : causeMessage(end.cause);
      throw new CommandFailed(
        `the abort ended as ${end.status}${end.error === null ? '' : ` with ${end.error}`}: ${cause}`,
      );
    }
    const because = ignoredBecause(end);
    if (because !== null) terminal.err(`the abort did nothing: ${because}`);
    const record = (await operator.report(target.migration))?.record;
    terminal.out(
      `migration ${target.migration} is ${record?.status ?? 'unknown'} in generation ${record?.generation ?? '?'}; writes are at the ${record?.writes ?? '?'}`,
    );
    return record?.status === 'aborted' && record.generation === generation ? EXIT.ok : EXIT.failed;
  },
};

async function currentGeneration(operator: Operator, { migration, environment }: Target): Promise<number> {
  const report = await operator.report(migration);
  if (report !== null) return report.record.generation;
  throw new CommandFailed(
    `migration ${migration} was never started in ${environment}, so there is nothing to abort. Check the name, or choose another environment with --env`,
  );
}

/** Why the abort did nothing, according to its execution's output; null if it aborted. */
function ignoredBecause({ output }: ExecutionState): string | null {
  const { because = null } = JSON.parse(output ?? '{}') as Partial<AbortOutcome>;
  return because;
}

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
