import { RehearsalRefused } from '../rehearsal/seed/refusal';
import { Arguments } from './arguments';
import { CommandFailed, UsageRefused } from './failures';
import { EXIT, type ExitCode, type Terminal } from './terminal';
import { HELP, helpOf, overview, type Verb } from './verb';

/** Runs one command line. Everything that goes wrong is said on `err` and in the exit code; nothing is thrown. */
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
    terminal.err(`sluice: there is no command ${JSON.stringify(name)}; use one of ${known}`);
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
    if (error instanceof UsageRefused) {
      terminal.err(`sluice ${verb.name}: ${error.message}\nnpx sluice ${verb.name} --help tells more.`);
      return EXIT.usage;
    }
    terminal.err(`sluice ${verb.name}: ${describe(error)}`);
    return EXIT.failed;
  }
}

/** A failure that is nobody's mistake but ours keeps its stack. */
function describe(error: unknown): string {
  if (error instanceof CommandFailed || error instanceof RehearsalRefused) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
