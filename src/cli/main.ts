import { RehearsalRefused } from '../rehearsal/seed/refusal';
import { Arguments } from './arguments';
import { CommandFailed, UsageError } from './failures';
import { Reporter } from './reporter';
import type { ExitCode, Terminal } from './terminal';
import { commandLine, HELP, helpOf, overview, type Verb } from './verb';

/** Runs one command line. Reports failures on `err`, by the exit code and, with `--json`, on `out`; never throws. */
export async function main(
  verbs: readonly Verb[],
  words: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const reporter = new Reporter(words, terminal);
  const [name, ...rest] = words;
  const known = verbs.map((candidate) => candidate.name).join(', ');
  if (name === undefined)
    return reporter.failure('usage', `no command; use one of ${known}`, overview(verbs));
  if (name === 'help' || name === '--help') return reporter.help(overview(verbs));
  const verb = verbs.find((candidate) => candidate.name === name);
  if (verb === undefined) {
    const message = `unknown command ${JSON.stringify(name)}; use one of ${known}`;
    return reporter.failure('usage', message, `sluice: ${message}`);
  }
  if (rest.includes('--help')) return reporter.help(helpOf(verb));
  return runVerb(verb, rest, reporter);
}

async function runVerb(verb: Verb, words: readonly string[], reporter: Reporter): Promise<ExitCode> {
  const { terminal } = reporter;
  try {
    const grammar = { positionals: verb.positionals, flags: { ...verb.flags, help: HELP } };
    return await verb.run(new Arguments(grammar, words), terminal);
  } catch (error) {
    if (terminal.interrupted.aborted) return reporter.failure('interrupted', 'interrupted');
    if (error instanceof UsageError)
      return reporter.failure(
        'usage',
        error.message,
        `sluice ${verb.name}: ${error.message}\nFor help: ${commandLine(verb, '--help')}`,
      );
    if (error instanceof CommandFailed || error instanceof RehearsalRefused)
      return reporter.failure('failed', error.message);
    return unexpected(verb, error, reporter);
  }
}

/** Reports an error that is a bug of Sluice, with its stack on `err`. */
function unexpected({ name }: Verb, error: unknown, reporter: Reporter): ExitCode {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return reporter.failure('unexpected', message, `sluice ${name}: ${stack ?? message}`);
}
