import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory, ownerOf } from '../../../src/rehearsal/rehearse/lock-directory';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-lock-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const PROGRAM = `
const { lockDirectory } = require(${JSON.stringify(join(__dirname, '../../../src/rehearsal/rehearse/lock-directory.ts'))});
lockDirectory(process.argv[1]);
process.stdout.write('locked');
setInterval(() => undefined, 1000);
`;

/** Starts another process that locks the directory. */
function holder(): Promise<ReturnType<typeof spawn>> {
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', '-e', PROGRAM, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((done) => child.stdout.once('data', () => done(child)));
}

const ended = (child: ReturnType<typeof spawn>): Promise<void> =>
  new Promise((done) => child.once('exit', () => done()));

test('a directory belongs to one process until that unlocks it', () => {
  const unlock = lockDirectory(directory);
  expect(ownerOf(directory)).toBe(process.pid);
  expect(() => lockDirectory(directory)).toThrow(new RegExp(`in use by process ${process.pid}.*kill`));
  unlock();
  expect(ownerOf(directory)).toBeUndefined();
  lockDirectory(directory)();
});

test('takes over the lock of a killed process, but not of a running one', async () => {
  const child = await holder();
  expect(ownerOf(directory)).toBe(child.pid);
  expect(() => lockDirectory(directory)).toThrow(`in use by process ${child.pid}`);
  const end = ended(child);
  child.kill('SIGKILL');
  await end;
  const unlock = lockDirectory(directory);
  expect(ownerOf(directory)).toBe(process.pid);
  unlock();
});

test('a process that reuses the pid of a dead owner does not hold its lock', () => {
  writeFileSync(join(directory, 'lock'), JSON.stringify({ pid: process.pid, startedAt: '1' }));
  expect(ownerOf(directory)).toBeUndefined();
  lockDirectory(directory)();
});

test('ignores an incomplete lock file', () => {
  writeFileSync(join(directory, 'lock'), '{"pid":');
  lockDirectory(directory)();
  expect(spawnSync('ls', [directory], { encoding: 'utf8' }).stdout).toBe('');
});
