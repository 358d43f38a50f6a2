/** What a verb touches of the process that it runs in. */
export interface Terminal {
  /** A line for whoever reads results. */
  out(line: string): void;
  /** A line for whoever watches. */
  err(line: string): void;
  /** What is not a line: redrawing. Absent where the output is no terminal. */
  readonly draw?: (text: string) => void;
  /** Width of the terminal in characters. */
  readonly columns: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted when the user wants to stop (SIGINT, SIGTERM, SIGHUP), or nobody takes the output any more. */
  readonly interrupted: AbortSignal;
  now(): number;
  /** @throws whatever the signal was aborted with */
  sleep(ms: number): Promise<void>;
}

export const EXIT = {
  ok: 0,
  /** It failed, is held, or there is any doubt. */
  failed: 1,
  /** The command line is wrong; nothing was done. */
  usage: 2,
  /** The user stopped it; 128 + SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
