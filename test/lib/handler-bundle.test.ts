import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleHandlers } from '../../lib/constructs/handler-bundle';
import { functionRows } from '../../src/contract/lifecycle';
import { ROOT } from './support';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-bundle-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
};

/** Two handlers, one file each, as in lambdas/. */
function writeHandlers(): void {
  write(
    'lambdas/load.ts',
    [
      'export const load = async (event: { name: string }) => {',
      '  const { default: definition } = await import(`../migrations/${event.name}.ts`);',
      '  return definition;',
      '};',
    ].join('\n'),
  );
  write(
    'lambdas/fail-always.ts',
    [
      'class LostLease extends Error {}',
      "export const failAlways = async () => Promise.reject(new LostLease('gone'));",
    ].join('\n'),
  );
}

const bundle = (folder = 'out'): void =>
  bundleHandlers(directory, join(directory, folder), ['load', 'failAlways']);

/** Runs an export of the bundle in its own Node process, as Lambda would. */
function invoke(handler: string, event: object): { readonly output: string; readonly error: string } {
  const script = `require(${JSON.stringify(join(directory, 'out', 'index.js'))})[${JSON.stringify(handler)}](${JSON.stringify(event)})
    .then((result) => console.log(JSON.stringify(result)), (error) => console.error(error.constructor.name + ': ' + error.message))`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: tmpdir() });
  return { output: stdout, error: stderr };
}

test('a bundle finds every definition by its name, and nothing else', () => {
  writeHandlers();
  write('migrations/orders.ts', "export default { name: 'orders', tables: 2 };");
  write('migrations/users.ts', "export default { name: 'users', tables: 1 };");
  bundle();

  expect(JSON.parse(invoke('load', { name: 'users' }).output)).toEqual({ name: 'users', tables: 1 });
  expect(JSON.parse(invoke('load', { name: 'orders' }).output)).toEqual({ name: 'orders', tables: 2 });
  expect(invoke('load', { name: 'gone' }).error).toContain(
    'Module not found in bundle: ../migrations/gone.ts',
  );
});

test('names of errors survive the bundling', () => {
  writeHandlers();
  write('migrations/orders.ts', 'export default {};');
  bundle();
  expect(invoke('failAlways', {}).error).toBe('LostLease: gone\n');
});

test('the bundle includes the SQL files of the migrations and none of their other files', () => {
  writeHandlers();
  write('migrations/orders.ts', 'export default {};');
  write('migrations/orders/schema.sql', 'create table a ();');
  write('migrations/orders/notes.md', 'notes');
  bundle();
  expect(readdirSync(join(directory, 'out'), { recursive: true }).sort()).toEqual([
    'index.js',
    'index.js.map',
    'migrations',
    'migrations/orders',
    'migrations/orders/schema.sql',
  ]);
});

test('equal sources give equal bundles, whatever the output directory', () => {
  writeHandlers();
  write('migrations/orders.ts', 'export default {};');
  bundle();
  bundle(join('again', 'deeper'));
  const compare = (file: string) =>
    spawnSync('cmp', [join(directory, 'out', file), join(directory, 'again', 'deeper', file)]).status;
  expect(compare('index.js')).toBe(0);
});

test('a handler without a file fails the build', () => {
  writeHandlers();
  rmSync(join(directory, 'lambdas', 'fail-always.ts'));
  expect(() => bundle()).toThrow(/Could not resolve ".\/lambdas\/fail-always"/);
  expect(existsSync(join(directory, 'out', 'index.js'))).toBe(false);
});

test('a file without the expected export fails the build', () => {
  writeHandlers();
  write('lambdas/load.ts', 'export const loadIt = 1;');
  expect(() => bundle()).toThrow(/No matching export in "lambdas\/load.ts" for import "load"/);
});

test('a bundle with warnings fails the build', () => {
  writeHandlers();
  write('lambdas/load.ts', "export const load = (name: string) => name === NaN || typeof name === 'strng';");
  expect(() => bundle()).toThrow(/NaN/);
});

test('a bundle is built even without a definition', () => {
  writeHandlers();
  mkdirSync(join(directory, 'migrations'));
  bundle();
  expect(invoke('load', { name: 'orders' }).error).toContain('Module not found in bundle');
});

test('by default the bundle exports exactly the functions of the lifecycle', () => {
  bundleHandlers(ROOT, join(directory, 'out'));
  const script = `console.log(JSON.stringify(Object.keys(require(${JSON.stringify(join(directory, 'out', 'index.js'))}))))`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: tmpdir() });
  const names = functionRows().map(({ name }): string => name);
  expect((JSON.parse(stdout) as string[]).sort()).toEqual(names.sort());
});
