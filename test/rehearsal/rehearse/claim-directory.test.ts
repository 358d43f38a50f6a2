import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimDirectory } from '../../../src/rehearsal/rehearse/claim-directory';
import { RehearsalRefused } from '../../../src/rehearsal/seed/refusal';

let home: string;
let statePath: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-claim-test-'));
  statePath = join(home, 'state');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const again = (resume: boolean | 'if-present', plan = {}) =>
  claimDirectory({ statePath, resume, keep: false, plan });

test('a new directory starts with the given settings and the defaults', async () => {
  const { state, release } = await again(false, { rows: 7 });
  expect(state).toMatchObject({ migration: 'orders', rows: 7, seed: 1, seeded: false });
  expect(state.passwords.source).not.toEqual(state.passwords.target);
  await release();
  expect(existsSync(join(statePath, 'rehearsal.json'))).toBe(true);
});

test('resume continues from the recorded state', async () => {
  const first = await again(false, { rows: 7 });
  first.directory.write({ ...first.state, seeded: true });
  await first.release();
  const second = await again(true);
  expect(second.state).toEqual({ ...first.state, seeded: true });
  await second.release();
  await expect(again(true, { rows: 8, seed: 1 })).rejects.toThrow(/rows is 7, not 8\. Leave/);
  await expect(again(false)).rejects.toThrow(/already holds a rehearsal of orders/);
});

test('resume starts a rehearsal that was killed before it recorded its state', async () => {
  mkdirSync(statePath);
  writeFileSync(join(statePath, 'lock'), JSON.stringify({ pid: 1, startedAt: 'never' }));
  writeFileSync(join(statePath, 'lock.4711'), '');
  writeFileSync(join(statePath, 'rehearsal.json.draft'), '{"vers');
  const { state, release } = await again(true);
  expect(state.seeded).toBe(false);
  await release();
});

test.each([
  ['does not exist', () => undefined],
  ['is empty', () => mkdirSync(statePath)],
])('resume refuses a directory that %s, and leaves it unchanged', async (found, prepare) => {
  prepare();
  const refused = again(true);
  await expect(refused).rejects.toThrow(RehearsalRefused);
  await expect(refused).rejects.toThrow(
    `--state ${statePath} holds no rehearsal to resume: it ${found}. Name the directory of a rehearsal, or leave --resume out`,
  );
  expect(existsSync(statePath) ? readdirSync(statePath) : null).toEqual(found === 'is empty' ? [] : null);
});

test('a deployment continues if the directory holds one, and starts if it is new', async () => {
  const first = await again('if-present', { rows: 7 });
  await first.release();
  const second = await again('if-present');
  expect(second.state).toEqual(first.state);
  await second.release();
});

test('refuses a directory with other files, and leaves them unchanged', async () => {
  mkdirSync(statePath);
  writeFileSync(join(statePath, 'thesis.txt'), '');
  await expect(again(false)).rejects.toThrow(/holds thesis\.txt, but not a rehearsal/);
  expect(readdirSync(statePath)).toEqual(['thesis.txt']);
});

test('two rehearsals cannot use one directory', async () => {
  const first = await again(false);
  await expect(again(true)).rejects.toThrow(/in use by process/);
  await first.release();
});

test('removes a temporary directory at the end, unless it is to be kept', async () => {
  const [gone, kept] = [
    await claimDirectory({ resume: false, keep: false, plan: {} }),
    await claimDirectory({ resume: false, keep: true, plan: {} }),
  ];
  await gone.release();
  await kept.release();
  expect(existsSync(gone.directory.path)).toBe(false);
  expect(existsSync(kept.directory.path)).toBe(true);
  await kept.directory.remove();
});

test('removes the temporary directory of a killed rehearsal', async () => {
  const killed = await claimDirectory({ resume: false, keep: false, plan: {} });
  const dead = JSON.stringify({ pid: process.pid, startedAt: 'never' });
  writeFileSync(join(killed.directory.path, 'lock'), dead);
  const next = await claimDirectory({ resume: false, keep: false, plan: {} });
  expect(existsSync(killed.directory.path)).toBe(false);
  await next.release();
});

test.each([
  ['a file', 'file', /--state \S+file cannot be used: \S+file is a file; name a directory/],
  ['below a file', 'file/x', /--state \S+file\/x cannot be used: .*not a directory.*; name a directory/],
  ['with too long a name', `new/${'x'.repeat(300)}`, /--state .* cannot be used: ENAMETOOLONG/],
])('refuses a directory that cannot be created: %s', async (_why, name, message) => {
  writeFileSync(join(home, 'file'), '');
  const refused = claimDirectory({ statePath: join(home, name), resume: false, keep: false, plan: {} });
  await expect(refused).rejects.toThrow(RehearsalRefused);
  await expect(refused).rejects.toThrow(message);
  expect(readdirSync(home)).toEqual(['file']);
});

test('refuses a file system without new directories, and returns', async () => {
  const refused = claimDirectory({ statePath: '/proc/sluice/state', resume: false, keep: false, plan: {} });
  await expect(refused).rejects.toThrow(/--state \/proc\/sluice\/state cannot be used: .*; name a directory/);
});

test('refuses a directory in which no files can be created', async () => {
  const refused = claimDirectory({ statePath: '/proc/self', resume: true, keep: false, plan: {} });
  await expect(refused).rejects.toThrow(RehearsalRefused);
  await expect(refused).rejects.toThrow(/--state \/proc\/self cannot be used: .*; name a directory/);
});

describe('when the process exits before the release', () => {
  const notes: string[] = [];
  /** Claims a directory, and calls its exit listener. */
  async function exitWith(options: Parameters<typeof claimDirectory>[0]) {
    const others = process.listeners('exit');
    const claimed = await claimDirectory(options, (line) => notes.push(line));
    const [onExit] = process.listeners('exit').filter((listener) => !others.includes(listener));
    onExit!(130);
    process.off('exit', onExit!);
    return claimed;
  }
  beforeEach(() => void notes.splice(0));

  test('removes a temporary directory', async () => {
    const { directory } = await exitWith({ resume: false, keep: false, plan: {} });
    expect(existsSync(directory.path)).toBe(false);
    expect(notes).toEqual([`exited immediately; ${directory.path} was removed`]);
  });

  test('keeps a directory of the user, and prints the commands to continue it', async () => {
    const { release } = await exitWith({ statePath, resume: false, keep: false, plan: {} });
    expect(existsSync(join(statePath, 'rehearsal.json'))).toBe(true);
    expect(notes).toEqual([
      expect.stringMatching(
        `continue with npm run rehearse -- --resume --state ${statePath} or npx sluice local --state ${statePath}$`,
      ),
    ]);
    await release();
  });

  test('the release removes the exit listener', async () => {
    const others = process.listeners('exit');
    const { release } = await claimDirectory({ resume: false, keep: false, plan: {} });
    await release();
    expect(process.listeners('exit')).toEqual(others);
  });
});
