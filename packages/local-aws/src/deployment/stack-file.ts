/** Keeps the deployed stack in the state directory, so that the next engine continues with its versions. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { StackState } from '../assembly';

/** Readable by the owner only: a stack holds the environment variables of functions. */
const MODE = 0o600;

const fileIn = (stateDirectory: string): string => join(stateDirectory, 'stack.json');

/** @returns undefined if nothing was deployed. @throws Error if the file is damaged */
export function loadStack(stateDirectory: string): StackState | undefined {
  const file = fileIn(stateDirectory);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StackState;
  } catch (cause) {
    throw new Error(`${file} is damaged: it is not JSON. Restore it, or start with a new state directory.`, {
      cause,
    });
  }
}

/** Replaces the file in one step, so that a crash leaves the old one or the new one. */
export function saveStack(stateDirectory: string, stack: StackState): void {
  const file = fileIn(stateDirectory);
  writeFileSync(`${file}.new`, JSON.stringify(stack), { mode: MODE });
  renameSync(`${file}.new`, file);
}
