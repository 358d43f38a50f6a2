import { isSource, linesThatMatch, trackedFiles } from './files';
import { forbiddenImports, importCircles, specifiersOf } from './imports';

test('imports point one way', () => {
  expect(trackedFiles.filter(isSource).flatMap(forbiddenImports)).toEqual([]);
});

test('no file of the engine mentions the product', () => {
  const engine = trackedFiles.filter(({ path }) => path.startsWith('packages/local-aws/'));
  expect(engine.length).toBeGreaterThan(0);
  expect(engine.flatMap((file) => linesThatMatch(file, /sluice/i))).toEqual([]);
});

test.each([
  ['src/contract/names.ts', "import { x } from '../core/definition';"],
  ['src/contract/names.ts', "import { join } from 'node:path';"],
  ['src/core/plan.ts', "import { open } from '../adapters/rds-data/database';"],
  ['src/core/plan.ts', "import { readFileSync } from 'node:fs';"],
  ['src/adapters/rds-data/data-api-database.ts', "import pg from 'pg';"],
  ['src/adapters/postgres/guard.ts', "import { createClient } from '../rds-data/data-api-database';"],
  ['src/adapters/postgres/guard.ts', "import { RDSDataClient } from '@aws-sdk/client-rds-data';"],
  ['src/adapters/dynamodb/ledger.ts', "export * from '../../rehearsal/assembly';"],
  ['lambdas/claim-migration.ts', "const part = await import('../src/rehearsal/clock');"],
  ['lib/stacks/sluice-stack.ts', "import type { Definition } from '../../src/core/definition/definition';"],
  ['lib/grants.ts', "import { x } from '../lambdas/claim-migration';"],
  ['src/rehearsal/seed/index.ts', "import { x } from '../../core/definition';"],
  ['packages/local-aws/src/engine.ts', "import { x } from '../../../src/contract/sides';"],
  ['packages/local-aws/src/engine.ts', "import { App } from 'aws-cdk-lib';"],
  ['packages/local-aws/test/engine/app.ts', "import { x } from '../../../../test/support/side';"],
  ['src/cli/main.ts', "import { bench } from '../../tools/bench';"],
  ['migrations/orders-live.ts', "import type { Workload } from '../src/rehearsal/workload';"],
  ['migrations/orders-live/workload.ts', "import { judge } from '../../src/rehearsal/judge';"],
])('%s must not contain %s', (path, text) => {
  expect(forbiddenImports({ path, text })).toHaveLength(1);
});

test.each([
  ['src/core/plan.ts', "import { ERRORS } from '../contract/errors';\nimport { x } from './ledger';"],
  ['lambdas/definitions.ts', 'const definition = await import(`../migrations/${name}.ts`);'],
  ['lib/constructs/control-table.ts', "import { Table } from 'aws-cdk-lib/aws-dynamodb';"],
  ['bin/app.ts', "import { x } from '../src/core/definition';"],
  ['migrations/orders-live/workload.ts', "import type { Workload } from '../../src/rehearsal/workload';"],
  ['src/core/plan.ts', "// once written as: import x from '../adapters/x'"],
])('%s may contain %s', (path, text) => {
  expect(forbiddenImports({ path, text })).toEqual([]);
});

test('every form of import is found', () => {
  const text = [
    "import a from 'a';",
    "import type { B } from 'b';",
    "export * from 'c';",
    "import 'd';",
    "await import('e');",
    "require('f');",
    "import {\n  g,\n} from 'g';",
  ].join('\n');
  expect(specifiersOf(text).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
});

/** They explore a stage, or find its file as the explorer does. */
const WITH_EXPLORER = ['test/core/toy-stage.whole.test.ts', 'test/support/stage-functions.ts'];

test('tests of the product use no tools, except those that CONTRIBUTING.md names', () => {
  const found = trackedFiles
    .filter(({ path }) => path.startsWith('test/') && !path.startsWith('test/tools/'))
    .filter(({ path }) => path !== 'test/tidy/imports.test.ts')
    .filter(({ text }) => specifiersOf(text).some((specifier) => /^(\.\.\/)+tools\//.test(specifier)))
    .map(({ path }) => path);
  expect(found).toEqual(WITH_EXPLORER);
  const { text } = trackedFiles.find(({ path }) => path === 'CONTRIBUTING.md')!;
  expect(WITH_EXPLORER.filter((path) => !text.includes(`\`${path}\``))).toEqual([]);
});

test('no files import each other in a circle', () => {
  expect(importCircles(trackedFiles.filter(isSource))).toEqual([]);
});

test('a cycle is found, also through types and index files', () => {
  const files = [
    { path: 'src/core/a.ts', text: "import type { B } from './b';" },
    { path: 'src/core/b/index.ts', text: "export { c } from './c';" },
    { path: 'src/core/b/c.ts', text: "import { a } from '../a';\nimport { d } from './d';" },
    { path: 'src/core/b/d.ts', text: '' },
  ];
  expect(importCircles(files)).toEqual([['src/core/a.ts', 'src/core/b/c.ts', 'src/core/b/index.ts']]);
});
