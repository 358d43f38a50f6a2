const list = (problems: readonly string[]): string => problems.map((problem) => `\n- ${problem}`).join('');

/** The command line is wrong; the message lists every problem with its remedy. */
export class UsageError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the command line has ${problems.length} problem(s):${list(problems)}`);
  }
}

/** A failure that the user can fix; the message says how. Shown without a stack. */
export class CommandFailed extends Error {}

/** An output cannot be written: a closed pipe or terminal, or a full disk. */
export class OutputLost extends Error {
  constructor(stream: 'stdout' | 'stderr', cause: Error) {
    super(`${stream} cannot be written (${cause.message}); keep its reader open, or redirect it to a file`, {
      cause,
    });
  }
}
