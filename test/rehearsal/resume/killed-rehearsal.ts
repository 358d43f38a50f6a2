/** Runs a rehearsal in its own process group, which a test can kill at any instant, and resume. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ControlTable } from '../../../src/adapters/dynamodb/control-table';
import type { ChunkRecord } from '../../../src/core/ledger';
import { readAssembly, startDynamoDb } from 'local-aws/testing';
import { LOCAL_CREDENTIALS } from 'local-aws';
import { assemblyOf } from '../../../src/rehearsal/rehearse/template';
import { rehearsalTemplate } from '../../support/rehearsal-template';

const PROJECT = join(__dirname, '..', '..', '..');

export interface Leg {
  /** Null if it was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An instant, relative to the start of the rehearsal, of its execution, or of its backfill as the progress shows it. */
export interface Instant {
  readonly since: 'start' | 'execution' | 'backfill';
  readonly ms: number;
}

/** The output that shows the start. */
const STARTED: Readonly<Record<Instant['since'], RegExp>> = {
  start: /^/,
  execution: /^(started|resumed) arn:/m,
  backfill: /stage: backfill/,
};

/** Runs a rehearsal until it ends, or kills it and every process that it started at an instant. */
export async function runLeg(args: readonly string[], instant: Instant | null): Promise<Leg> {
  const parts = ['--template', await rehearsalTemplate()];
  const child = spawn(process.execPath, ['--import', 'tsx', 'bin/sluice.ts', 'rehearse', ...args, ...parts], {
    cwd: PROJECT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  const closed = once(child, 'close');
  const arm = (): NodeJS.Timeout => setTimeout(() => killGroup(child), instant?.ms);
  let timer = instant?.since === 'start' ? arm() : undefined;
  child.stderr.on('data', () => {
    if (instant !== null && STARTED[instant.since].test(output.stderr)) timer ??= arm();
  });
  const [exitCode] = (await closed) as [number | null];
  clearTimeout(timer);
  return { exitCode, ...output };
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // The process has just ended by itself.
  }
}

/** Reads the chunks in the control table of a killed rehearsal, while no process uses it. Returns [] before the plan. */
export async function chunksLeft(stateDirectory: string, migration: string): Promise<readonly ChunkRecord[]> {
  const directory = join(stateDirectory, 'engine', 'dynamodb');
  if (!existsSync(directory)) return [];
  const assemblyDirectory = assemblyOf(await rehearsalTemplate());
  const { tables, region, account } = readAssembly({ assemblyDirectory });
  const dynamodb = await startDynamoDb({ directory, tables, region, account });
  const client = new DynamoDBClient({
    endpoint: dynamodb.url,
    region,
    credentials: {
      accessKeyId: LOCAL_CREDENTIALS.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: LOCAL_CREDENTIALS.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  try {
    const control = new ControlTable(DynamoDBDocumentClient.from(client), tables[0]!.name);
    const record = await control.record(migration);
    return record === null ? [] : await control.chunks.list(migration, record.generation);
  } finally {
    client.destroy();
    await dynamodb.close();
  }
}
