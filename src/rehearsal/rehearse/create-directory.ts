import { mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RehearsalRefused } from '../seed/refusal';

/**
 * Creates a directory that the user named, with its parents. Creates nothing if one of them fails.
 * @param flag the flag that names it, for the message
 * @throws RehearsalRefused if it cannot be created
 */
export function createDirectory(path: string, flag: string): void {
  const made: string[] = [];
  try {
    // One by one, because mkdirSync with `recursive` never returns below a directory such as /proc.
    for (const missing of findMissing(path)) {
      mkdirSync(missing);
      made.push(missing);
    }
  } catch (error) {
    for (const directory of made.reverse()) rmdirSync(directory);
    throw unusable(`${flag} ${path}`, error, 'name a directory that exists or can be created');
  }
}

/** @throws RehearsalRefused if it cannot be created */
export function createTemporary(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (error) {
    throw unusable(
      `the temporary directory ${tmpdir()}`,
      error,
      'set TMPDIR to one in which you can create files, or name --state DIR',
    );
  }
}

export const unusable = (what: string, error: unknown, remedy: string): RehearsalRefused =>
  new RehearsalRefused(`${what} cannot be used: ${(error as Error).message}; ${remedy}`, { cause: error });

/** Returns the directories to create, parents first. @throws Error if one of them is a file */
function findMissing(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [...findMissing(dirname(path)), path];
  if (!found.isDirectory()) throw new Error(`${path} is a file`);
  return [];
}
