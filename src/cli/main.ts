import { RehearsalRefused } from '../rehearsal/seed/refusal';
import { Arguments } from './arguments';
import { CommandFailed, UsageError } from './failures';
import { EXIT, type ExitCode, type Terminal } from './terminal';
import { commandLine, HELP, helpOf, overview, type Verb } from './verb';

/** Runs one command line. Reports failures on `err` and by the exit code; never throws. */
export async function main(
  verbs: readonly Verb[],
  words: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const [name, ...rest] = words;
  if (name === undefined || name === 'help' || name === '--help') {
    if (name === undefined) terminal.err(overview(verbs));
    else terminal.out(overview(verbs));
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const verb = verbs.find((candidate) => candidate.name === name);
  if (verb === undefined) {
    const known = verbs.map((candidate) => candidate.name).join(', ');
    terminal.err(`sluice: unknown command ${JSON.stringify(name)}; use one of ${known}`);
    return EXIT.usage;
  }
  if (rest.includes('--help')) {
    terminal.out(helpOf(verb));
    return EXIT.ok;
  }
  return runVerb(verb, rest, terminal);
}

async function runVerb(verb: Verb, words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    const grammar = { positionals: verb.positionals, flags: { ...verb.flags, help: HELP } };
    return await verb.run(new Arguments(grammar, words), terminal);
  } catch (error) {
    if (terminal.interrupted.aborted) {
      terminal.err(`sluice ${verb.name}: interrupted`);
      return EXIT.interrupted;
    }
    if (error instanceof UsageError) {
      terminal.err(`sluice ${verb.name}: ${error.message}\nFor help: ${commandLine(verb, '--help')}`);
      return EXIT.usage;
    }
    terminal.err(`sluice ${verb.name}: ${describe(error)}`);
    return EXIT.failed;
  }
}

/** Formats an error; an unexpected one, which is a bug of Sluice, with its stack. */
function describe(error: unknown): string {
  if (error instanceof CommandFailed || error instanceof RehearsalRefused) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
