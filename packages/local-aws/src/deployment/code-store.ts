/** Copies the code of published versions into the state directory, because a later synthesis may overwrite `cdk.out`. */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { FunctionResource, StackState } from '../assembly';

export const codeDirectoryIn = (stateDirectory: string): string => join(stateDirectory, 'lambda', 'code');

/** Every snapshot of a function in a stack: $LATEST and its versions. */
const snapshotsOf = ({ functions }: StackState): FunctionResource[] =>
  Object.values(functions).flatMap(({ latest, versions }) => [
    latest,
    ...Object.values(versions).map(({ resource }) => resource),
  ]);

/** @param before the stack that the deployment replaces. @throws Error if code of the assembly is missing */
export function copyCode(before: StackState, next: StackState, codeDirectory: string): void {
  for (const { name, codeDirectory: copy } of snapshotsOf(next)) {
    if (dirname(copy) !== codeDirectory || existsSync(copy)) continue;
    const current = next.functions[name]?.latest.codeDirectory ?? '';
    const source = current === copy ? before.functions[name]?.latest.codeDirectory : current;
    if (source === undefined)
      throw new Error(`Copying the code of ${name} failed: it was not deployed before.`);
    mkdirSync(codeDirectory, { recursive: true });
    const partial = `${copy}.new`;
    rmSync(partial, { recursive: true, force: true });
    cpSync(source, partial, { recursive: true, verbatimSymlinks: true });
    renameSync(partial, copy);
  }
}

/** Deletes code that no version uses. Call it only while no function runs. */
export function pruneCode(stack: StackState, codeDirectory: string): void {
  if (!existsSync(codeDirectory)) return;
  const used = snapshotsOf(stack).map((snapshot) => basename(snapshot.codeDirectory));
  for (const name of readdirSync(codeDirectory))
    if (!used.includes(name)) rmSync(join(codeDirectory, name), { recursive: true });
}
