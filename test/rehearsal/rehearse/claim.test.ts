import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claim } from '../../../src/rehearsal/rehearse/claim';
import { RehearsalRefused } from '../../../src/rehearsal/seed/refusal';

let home: string;
let statePath: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-claim-test-'));
  statePath = join(home, 'state');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const again = (resume: boolean, plan = {}) => claim({ statePath, resume, keep: false, plan });

test('a new directory begins with what was asked for and the defaults', async () => {
  const { state, release } = await again(false, { rows: 7 });
  expect(state).toMatchObject({ migration: 'orders', rows: 7, seed: 1, seeded: false });
  expect(state.passwords.source).not.toEqual(state.passwords.target);
  await release();
  expect(existsSync(join(statePath, 'rehearsal.json'))).toBe(true);
});

test('resume goes on with what was recorded', async () => {
  const first = await again(false, { rows: 7 });
  first.directory.write({ ...first.state, seeded: true });
  await first.release();
  const second = await again(true);
  expect(second.state).toEqual({ ...first.state, seeded: true });
  await second.release();
  await expect(again(true, { rows: 8, seed: 1 })).rejects.toThrow(/rows is 7, not 8\. Remove/);
  await expect(again(false)).rejects.toThrow(/holds a rehearsal of orders already/);
});

test('resume of a rehearsal that was killed before it recorded anything begins', async () => {
  mkdirSync(statePath);
  writeFileSync(join(statePath, 'lock'), JSON.stringify({ pid: 1, startedAt: 'never' }));
  writeFileSync(join(statePath, 'lock.4711'), '');
  writeFileSync(join(statePath, 'rehearsal.json.draft'), '{"vers');
  const { state, release } = await again(true);
  expect(state.seeded).toBe(false);
  await release();
});

test('a directory with something else in it is not touched', async () => {
  mkdirSync(statePath);
  writeFileSync(join(statePath, 'thesis.txt'), '');
  await expect(again(false)).rejects.toThrow(/holds thesis\.txt and no rehearsal/);
  expect(readdirSync(statePath)).toEqual(['thesis.txt']);
});

test('two rehearsals cannot use one directory', async () => {
  const first = await again(false);
  await expect(again(true)).rejects.toThrow(/in use by process/);
  await first.release();
});

test('a temporary directory is gone in the end, unless it is kept', async () => {
  const [gone, kept] = [
    await claim({ resume: false, keep: false, plan: {} }),
    await claim({ resume: false, keep: true, plan: {} }),
  ];
  await gone.release();
  await kept.release();
  expect(existsSync(gone.directory.path)).toBe(false);
  expect(existsSync(kept.directory.path)).toBe(true);
  await kept.directory.remove();
});

test('what a killed rehearsal left in the temporary directory is removed by the next one', async () => {
  const killed = await claim({ resume: false, keep: false, plan: {} });
  const dead = JSON.stringify({ pid: process.pid, startedAt: 'never' });
  writeFileSync(join(killed.directory.path, 'lock'), dead);
  const next = await claim({ resume: false, keep: false, plan: {} });
  expect(existsSync(killed.directory.path)).toBe(false);
  await next.release();
});

test.each([
  ['a file', 'file', /--state \S+file cannot be used: \S+file is a file; name a directory/],
  ['below a file', 'file/x', /--state \S+file\/x cannot be used: .*not a directory.*; name a directory/],
  ['with too long a name', `new/${'x'.repeat(300)}`, /--state .* cannot be used: ENAMETOOLONG/],
])('a directory that cannot be made is refused: %s', async (_why, name, message) => {
  writeFileSync(join(home, 'file'), '');
  const refused = claim({ statePath: join(home, name), resume: true, keep: false, plan: {} });
  await expect(refused).rejects.toThrow(RehearsalRefused);
  await expect(refused).rejects.toThrow(message);
  expect(readdirSync(home)).toEqual(['file']);
});

test('a file system that takes no directories is refused, and not asked for ever', async () => {
  const refused = claim({ statePath: '/proc/sluice/state', resume: true, keep: false, plan: {} });
  await expect(refused).rejects.toThrow(/--state \/proc\/sluice\/state cannot be used: .*; name a directory/);
});

test('a directory that takes no files is refused', async () => {
  const refused = claim({ statePath: '/proc/self', resume: true, keep: false, plan: {} });
  await expect(refused).rejects.toThrow(RehearsalRefused);
  await expect(refused).rejects.toThrow(/--state \/proc\/self cannot be used: .*; name a directory/);
});

describe('when the process exits before the end', () => {
  const notes: string[] = [];
  /** Claims a directory, and does what the exit would do. */
  async function exitWith(options: Parameters<typeof claim>[0]) {
    const others = process.listeners('exit');
    const claimed = await claim(options, (line) => notes.push(line));
    const [onExit] = process.listeners('exit').filter((listener) => !others.includes(listener));
    onExit!(130);
    process.off('exit', onExit!);
    return claimed;
  }
  beforeEach(() => void notes.splice(0));

  test('a temporary directory is removed', async () => {
    const { directory } = await exitWith({ resume: false, keep: false, plan: {} });
    expect(existsSync(directory.path)).toBe(false);
    expect(notes).toEqual([`ended at once; ${directory.path} is removed`]);
  });

  test('a directory of the user stays, and is named', async () => {
    const { release } = await exitWith({ statePath, resume: false, keep: false, plan: {} });
    expect(existsSync(join(statePath, 'rehearsal.json'))).toBe(true);
    expect(notes).toEqual([
      expect.stringContaining(`continue with it (npm run rehearse -- --resume --state ${statePath}`),
    ]);
    await release();
  });

  test('nothing is told or removed once it was given back', async () => {
    const others = process.listeners('exit');
    const { release } = await claim({ resume: false, keep: false, plan: {} });
    await release();
    expect(process.listeners('exit')).toEqual(others);
  });
});
