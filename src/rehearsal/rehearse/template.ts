/** The cache of parts common to all rehearsals: an empty database cluster and the synthesized app. */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startPostgres } from 'local-aws';
import { createDirectory } from './create-directory';

/** Returns the assembly's directory in a template; undefined without a template. */
export function assemblyOf(template: string): string;
export function assemblyOf(template: string | undefined): string | undefined;
export function assemblyOf(template: string | undefined): string | undefined {
  return template === undefined ? undefined : join(template, 'cdk.out');
}

/** Returns when the template's app was synthesized; undefined if it was not. */
export const assemblySynthesizedAt = (template: string): Date | undefined =>
  statSync(assemblyOf(template), { throwIfNoEntry: false })?.mtime;

const clusterOf = (template: string): string => join(template, 'cluster');

/** Creates the cluster of a template unless it exists. */
export async function createTemplate(template: string): Promise<void> {
  if (existsSync(clusterOf(template))) return;
  createDirectory(template, '--template');
  // PostgreSQL may run as another user, which needs access to the directory.
  chmodSync(template, 0o755);
  const draft = `${clusterOf(template)}.${process.pid}`;
  const server = await startPostgres({ directory: draft });
  await server.stop();
  if (!existsSync(clusterOf(template))) renameSync(draft, clusterOf(template));
}

/** Copies the template's cluster to a new cluster's directory. It keeps the owner, because the server runs as that user. */
export async function copyCluster(template: string | undefined, directory: string): Promise<void> {
  if (template === undefined || existsSync(directory)) return;
  // The cluster's data is elsewhere if the server's user cannot enter the template's directory.
  if (!existsSync(join(clusterOf(template), 'data'))) return;
  await promisify(execFile)('cp', ['-a', clusterOf(template), directory]);
}
