import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

test("npm's bin runs the TypeScript command from anywhere, and passes its exit code on", () => {
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: { sluice: string } };
  const sluice = (...words: string[]) =>
    spawnSync(process.execPath, [join(ROOT, bin.sluice), ...words], { cwd: '/', encoding: 'utf8' });
  const [help, wrong] = [sluice('--help'), sluice('rehearse', '--rows', 'x')];
  expect([help.status, wrong.status]).toEqual([0, 2]);
  expect(help.stdout).toContain('npx sluice <command>');
  expect(wrong.stderr).toContain('--rows is "x"');
});
