const list = (problems: readonly string[]): string => problems.map((problem) => `\n- ${problem}`).join('');

/** The command line cannot be understood; lists every problem with its remedy. */
export class UsageRefused extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the command line has ${problems.length} problem(s):${list(problems)}`);
  }
}

/** Something that a user can put right; the message says how. Shown without a stack. */
export class CommandFailed extends Error {}

/** Nobody takes what is printed: a closed pipe or terminal, a full disk. */
export class OutputLost extends Error {
  constructor(stream: 'stdout' | 'stderr', cause: Error) {
    super(`${stream} cannot be written (${cause.message}); keep its reader open, or send it to a file`, {
      cause,
    });
  }
}
