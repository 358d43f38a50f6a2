/** Parts that are alike in every rehearsal, made once and used by many. */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startPostgres } from 'local-aws';
import { makeDirectory } from './make-directory';

/** The assembly in a template; undefined without one. */
export function assemblyOf(template: string): string;
export function assemblyOf(template: string | undefined): string | undefined;
export function assemblyOf(template: string | undefined): string | undefined {
  return template === undefined ? undefined : join(template, 'cdk.out');
}

/** When the app was synthesized that a template has already. */
export const assemblyMadeAt = (template: string): Date | undefined =>
  statSync(assemblyOf(template), { throwIfNoEntry: false })?.mtime;

const clusterOf = (template: string): string => join(template, 'cluster');

/** Makes the cluster of a template, if it is not there. */
export async function makeTemplate(template: string): Promise<void> {
  if (existsSync(clusterOf(template))) return;
  makeDirectory(template, '--template');
  // PostgreSQL may run as another user, who must be able to enter.
  chmodSync(template, 0o755);
  const draft = `${clusterOf(template)}.${process.pid}`;
  const server = await startPostgres({ directory: draft });
  await server.stop();
  if (!existsSync(clusterOf(template))) renameSync(draft, clusterOf(template));
}

/** Copies the template's cluster to where a new one is to be, with its owner: the server runs as no other. */
export async function fillFrom(template: string | undefined, directory: string): Promise<void> {
  if (template === undefined || existsSync(directory)) return;
  // Where its data had to go elsewhere, there is nothing to copy.
  if (!existsSync(join(clusterOf(template), 'data'))) return;
  await promisify(execFile)('cp', ['-a', clusterOf(template), directory]);
}
