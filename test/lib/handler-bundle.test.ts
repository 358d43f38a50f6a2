import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { bundleHandlers } from '../../lib/constructs/handler-bundle';
import { FUNCTIONS } from '../../src/contract/names';
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

const LOADER = [
  'export const load = async (event: { name: string }) => {',
  '  const { default: definition } = await import(`../migrations/${event.name}.ts`);',
  '  return definition;',
  '};',
  'class LostLease extends Error {}',
  "export const fail = async () => Promise.reject(new LostLease('gone'));",
].join('\n');

/** Runs an export of the bundle in a Node process of its own, as Lambda would. */
function invoke(handler: string, event: object): { readonly output: string; readonly error: string } {
  const script = `require(${JSON.stringify(join(directory, 'out', 'index.js'))})[${JSON.stringify(handler)}](${JSON.stringify(event)})
    .then((result) => console.log(JSON.stringify(result)), (error) => console.error(error.constructor.name + ': ' + error.message))`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: tmpdir() });
  return { output: stdout, error: stderr };
}

test('a bundle finds every definition by its name, and only those', () => {
  write('lambdas/index.ts', LOADER);
  write('migrations/orders.ts', "export default { name: 'orders', tables: 2 };");
  write('migrations/users.ts', "export default { name: 'users', tables: 1 };");
  bundleHandlers(directory, join(directory, 'out'));

  expect(JSON.parse(invoke('load', { name: 'users' }).output)).toEqual({ name: 'users', tables: 1 });
  expect(JSON.parse(invoke('load', { name: 'orders' }).output)).toEqual({ name: 'orders', tables: 2 });
  expect(invoke('load', { name: 'gone' }).error).toContain(
    'Module not found in bundle: ../migrations/gone.ts',
  );
});

test('names of errors survive the bundling', () => {
  write('lambdas/index.ts', LOADER);
  write('migrations/orders.ts', 'export default {};');
  bundleHandlers(directory, join(directory, 'out'));
  expect(invoke('fail', {}).error).toBe('LostLease: gone\n');
});

test('the SQL files of the migrations travel along, and nothing else of theirs', () => {
  write('lambdas/index.ts', 'export {};');
  write('migrations/orders.ts', 'export default {};');
  write('migrations/orders/schema.sql', 'create table a ();');
  write('migrations/orders/notes.md', 'notes');
  bundleHandlers(directory, join(directory, 'out'));
  expect(readdirSync(join(directory, 'out'), { recursive: true }).sort()).toEqual([
    'index.js',
    'index.js.map',
    'migrations',
    'migrations/orders',
    'migrations/orders/schema.sql',
  ]);
});

test('equal sources give equal bundles, wherever they are written', () => {
  write('lambdas/index.ts', LOADER);
  write('migrations/orders.ts', 'export default {};');
  bundleHandlers(directory, join(directory, 'out'));
  bundleHandlers(directory, join(directory, 'again', 'deeper'));
  const compare = (file: string) =>
    spawnSync('cmp', [join(directory, 'out', file), join(directory, 'again', 'deeper', file)]).status;
  expect(compare('index.js')).toBe(0);
});

test('a bundle without an entry is an error, not an empty asset', () => {
  expect(() => bundleHandlers(directory, join(directory, 'out'))).toThrow(
    /Could not resolve "lambdas\/index.ts"/,
  );
  expect(existsSync(join(directory, 'out', 'index.js'))).toBe(false);
});

test('a suspicious bundle is an error too', () => {
  write('lambdas/index.ts', "export const load = (name: string) => name === NaN || typeof name === 'strng';");
  expect(() => bundleHandlers(directory, join(directory, 'out'))).toThrow(/NaN/);
});

test('without any definition there is a bundle all the same', () => {
  write('lambdas/index.ts', LOADER);
  mkdirSync(join(directory, 'migrations'));
  bundleHandlers(directory, join(directory, 'out'));
  expect(invoke('load', { name: 'orders' }).error).toContain('Module not found in bundle');
});

test('the entry exports the functions of the contract, all of them and nothing else', () => {
  const { metafile } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: ['lambdas/index.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    outfile: 'index.js',
    metafile: true,
    logLevel: 'silent',
  });
  const { exports } = metafile.outputs['index.js']!;
  expect([...exports].sort()).toEqual([...FUNCTIONS].sort());
});
