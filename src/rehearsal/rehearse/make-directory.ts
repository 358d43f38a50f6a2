import { mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RehearsalRefused } from '../seed/refusal';

/**
 * Makes a directory that a user named, with its parents, or none of them.
 * @param flag what names it, for the message
 * @throws RehearsalRefused if it cannot be
 */
export function makeDirectory(path: string, flag: string): void {
  const made: string[] = [];
  try {
    // One by one: the `recursive` of mkdirSync never ends below a directory that takes none, such as /proc.
    for (const missing of missingOf(path)) {
      mkdirSync(missing);
      made.push(missing);
    }
  } catch (error) {
    for (const directory of made.reverse()) rmdirSync(directory);
    throw unusable(`${flag} ${path}`, error, 'name a directory that is there or can be made');
  }
}

/** @throws RehearsalRefused if there is no place for it */
export function makeTemporary(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (error) {
    throw unusable(
      `the temporary directory ${tmpdir()}`,
      error,
      'set TMPDIR to one that takes files, or give --state DIR',
    );
  }
}

export const unusable = (what: string, error: unknown, remedy: string): RehearsalRefused =>
  new RehearsalRefused(`${what} cannot be used: ${(error as Error).message}; ${remedy}`, { cause: error });

/** Directories to create, parents first. @throws Error if a file is in the way */
function missingOf(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [...missingOf(dirname(path)), path];
  if (!found.isDirectory()) throw new Error(`${path} is a file`);
  return [];
}
