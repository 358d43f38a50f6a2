/** The rule of `--json`: stdout has exactly one JSON object, on one line, however the command line ends. */

/** `usage`: the command line is wrong. `failed`: the message names a remedy. `unexpected`: a bug; stderr has its stack. */
export type FailureKind = 'usage' | 'failed' | 'interrupted' | 'unexpected';

export const isJsonRequested = (words: readonly string[]): boolean => words.includes('--json');

/** Formats a failure. @param command null if the command line names none */
export const failureJson = (command: string | null, kind: FailureKind, message: string): string =>
  JSON.stringify({ command, error: { kind, message } });

/** Formats a help text. @param command null for the overview of all commands */
export const helpJson = (command: string | null, help: string): string => JSON.stringify({ command, help });

/** Returns the command that a command line names; null if it starts with a flag or is empty. */
export const commandIn = ([name]: readonly string[]): string | null =>
  name === undefined || name.startsWith('-') ? null : name;
