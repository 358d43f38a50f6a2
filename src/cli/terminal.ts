/** The parts of its process that a verb uses. */
export interface Terminal {
  /** Writes a line of the result, to stdout. */
  out(line: string): void;
  /** Writes a line of progress or of an error, to stderr. */
  err(line: string): void;
  /** Redraws the screen. Absent if stderr is not a terminal. */
  readonly draw?: (text: string) => void;
  /** Width of the terminal in characters. */
  readonly columns: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT, SIGTERM or SIGHUP, or when an output is lost. */
  readonly interrupted: AbortSignal;
  now(): number;
  /** @throws the reason of the interruption */
  sleep(ms: number): Promise<void>;
}

export const EXIT = {
  ok: 0,
  /** The command failed, or the migration is held or in doubt. */
  failed: 1,
  /** The command line is wrong; nothing was done. */
  usage: 2,
  /** The command showed what it would do; nothing was changed. */
  unchanged: 3,
  /** The user interrupted the command; 128 + SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
