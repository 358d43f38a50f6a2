/**
 * The temporary directory (`TMPDIR`) of one test run and of all its processes. It is in memory if there is room, because tests
 * create thousands of databases.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stopLeftover } from '../postgres/postmaster';

const MEMORY = '/dev/shm';
const MEMORY_BYTES_MIN = 8 * 1024 ** 3;
const NAME = /^local-aws-tests-(\d+)-\w+$/;

export const runDirectory = (): string => process.env['LOCAL_AWS_TESTS_DIRECTORY']!;

/** Creates the directory. Call it in the process whose environment all test workers inherit, as in globalSetup. */
export async function openRunDirectory(): Promise<void> {
  const places = [process.env['LOCAL_AWS_TESTS_IN'] ?? MEMORY, tmpdir()];
  for (const place of places) await removeLeftovers(place);
  const directory = makeIn(places[0]!, MEMORY_BYTES_MIN) ?? makeIn(places[1]!, 0)!;
  process.env['LOCAL_AWS_TESTS_DIRECTORY'] = directory;
  process.env['TMPDIR'] = directory;
}

export const closeRunDirectory = (): Promise<void> => removeWithServers(runDirectory());

/** @returns undefined if the place has too little room, or does not allow programs to run */
function makeIn(place: string, bytesMin: number): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(place);
    if (bavail * bsize < bytesMin) return undefined;
    const directory = mkdtempSync(join(place, `local-aws-tests-${process.pid}-`));
    // PostgreSQL may run as another user, who makes files here too.
    chmodSync(directory, 0o1777);
    const program = join(directory, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    if (bytesMin === 0 || spawnSync(program).status === 0) return directory;
    rmSync(directory, { recursive: true });
  } catch (error) {
    if (bytesMin === 0) throw error;
  }
  return undefined;
}

/** Removes the directories of killed test runs. */
async function removeLeftovers(place: string): Promise<void> {
  for (const name of listed(place)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await removeWithServers(join(place, name));
  }
}

async function removeWithServers(directory: string): Promise<void> {
  for (const path of listed(directory, true))
    if (path.endsWith('postmaster.pid')) await stopLeftover(dirname(join(directory, path)));
  rmSync(directory, { recursive: true, force: true });
}

function listed(directory: string, recursive = false): string[] {
  try {
    return readdirSync(directory, { recursive }) as string[];
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
