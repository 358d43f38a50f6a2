/** A definition is checked whole: every problem at once, each with its remedy. */
import {
  defineMigration,
  type MigrationDefinition,
  type TableMapping,
} from '../../src/core/definition/definition';
import { InvalidDefinition } from '../../src/core/errors';
import { endpoint } from '../support/trial-definition';

const GOOD: MigrationDefinition = {
  name: 'orders',
  shape: 'offline',
  source: { dev: endpoint('source') },
  target: { dev: endpoint('target') },
  tables: [{ source: 'public.orders', target: 'shop.orders' }],
};

/** Problems of a definition that TypeScript would not have let through either. */
function problemsOf(changes: Record<string, unknown>): readonly string[] {
  try {
    defineMigration({ ...GOOD, ...changes });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidDefinition)) throw error;
    return error.problems;
  }
}
const mapping = (changes: Record<string, unknown>) =>
  problemsOf({ tables: [{ source: 'public.orders', target: 'shop.orders', ...changes }] });

test('a good definition gets its defaults', () => {
  expect(defineMigration(GOOD)).toEqual({
    ...GOOD,
    targetSchema: [],
    tables: [
      {
        source: 'public.orders',
        target: 'shop.orders',
        columns: {},
        omit: [],
        chunking: { rows: 50_000 },
        existingRows: 'refuse',
      },
    ],
    throttle: { copiersMax: 4 },
    fenceSeconds: 14_400,
    capture: { logMegabytesMax: 8_192 },
    sync: { appliersMax: 2 },
  });
});

test('shape cdc fences for seconds, and keeps its settings of capture and sync', () => {
  expect(defineMigration({ ...GOOD, shape: 'cdc' }).fenceSeconds).toBe(5);
  const capture = { logMegabytesMax: 100 };
  const sync = { appliersMax: 3 };
  expect(defineMigration({ ...GOOD, shape: 'cdc', fence: { seconds: 9 }, capture, sync })).toMatchObject({
    fenceSeconds: 9,
    capture,
    sync,
  });
});

test('explicit settings are kept', () => {
  const table: TableMapping = {
    source: 'public."Odd ""Name"',
    target: 'shop.orders',
    key: ['id'],
    columns: { comment: 'remark' },
    omit: ['flags'],
    chunking: { by: 'at', rows: 100 },
    existingRows: 'replace',
  };
  const definition: MigrationDefinition = {
    ...GOOD,
    targetSchema: ['orders/target.sql'],
    tables: [table],
    throttle: { copiersMax: 1, rowsPerSecondMax: 5 },
    fence: { minutes: 1 },
  };
  expect(defineMigration(definition)).toMatchObject({ ...definition, fenceSeconds: 60 });
});

test('chunking by a column keeps the default size', () => {
  const { tables } = defineMigration({
    ...GOOD,
    tables: [{ source: 'a.b', target: 'c.d', chunking: { by: 'at' } }],
  });
  expect(tables[0]!.chunking).toEqual({ by: 'at', rows: 50_000 });
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['a name with capitals', { name: 'Orders' }, /^name is "Orders"\. Use 1 to 40 lower-case letters/],
  ['a name that starts with a digit', { name: '1orders' }, /^name is "1orders"/],
  ['a name with a slash, which would end its leases', { name: 'orders/x' }, /^name is "orders\/x"/],
  ['a name that is too long', { name: 'a'.repeat(41) }, /^name is "a{41}"/],
  ['a name that is not a string', { name: 7 }, /^name is 7/],
  ['another shape', { shape: 'online' }, /^shape is "online"\. Use 'offline' or 'cdc'$/],
  [
    'a fence of minutes under live writes',
    { shape: 'cdc', fence: { minutes: 5 } },
    /^fence\.minutes has no effect in shape 'cdc'\. Remove it/,
  ],
  ['a capture without live writes', { capture: {} }, /^capture has no effect in shape 'offline'/],
  ['appliers without live writes', { sync: {} }, /^sync has no effect in shape 'offline'/],
  [
    'a fence of seconds without live writes',
    { fence: { seconds: 5 } },
    /^fence\.seconds has no effect in shape 'offline'/,
  ],
  [
    'a source without its target',
    { source: { dev: endpoint('source'), prod: endpoint('source') } },
    /^source\.prod has no target\.prod\. Add it/,
  ],
  [
    'a target without its source',
    { target: { dev: endpoint('target'), prod: endpoint('target') } },
    /^target\.prod has no source\.prod\. Add it/,
  ],
  [
    'an unknown field',
    { tabels: [] },
    /^the definition has an unknown field "tabels"\. Known fields are name, shape/,
  ],
  [
    'a cluster that is not an ARN',
    { source: { dev: { ...endpoint('source'), clusterArn: 'shop' } } },
    /^source\.dev\.clusterArn is "shop"\. Give the ARN of an Aurora cluster/,
  ],
  [
    'an instance instead of a cluster',
    { source: { dev: { ...endpoint('source'), clusterArn: 'arn:aws:rds:eu-west-1:111122223333:db:shop' } } },
    /^source\.dev\.clusterArn is/,
  ],
  [
    'a secret that is not an ARN',
    { target: { dev: { ...endpoint('target'), workerSecretArn: 'x' } } },
    /^target\.dev\.workerSecretArn is "x"\. Give the ARN of a Secrets Manager secret/,
  ],
  [
    'one secret for both logins',
    { target: { dev: { ...endpoint('target'), workerSecretArn: endpoint('target').ownerSecretArn } } },
    /^target\.dev uses one secret as owner and worker\. Give each its own login/,
  ],
  [
    'one secret for control and verifier',
    { target: { dev: { ...endpoint('target'), verifierSecretArn: endpoint('target').controlSecretArn } } },
    /^target\.dev uses one secret as control and verifier\./,
  ],
  [
    'no database',
    { target: { dev: { ...endpoint('target'), database: '' } } },
    /^target\.dev\.database is empty\. Name the database/,
  ],
  [
    'an unknown field of an endpoint',
    { target: { dev: { ...endpoint('target'), port: 1 } } },
    /^target\.dev has an unknown field "port"/,
  ],
  ['no tables', { tables: [] }, /^tables is empty\. Map at least one table/],
  ['tables that are not a list', { tables: 'orders' }, /^tables is empty/],
  [
    'a schema file outside of migrations',
    { targetSchema: ['../secret.sql'] },
    /^targetSchema names "\.\.\/secret\.sql"\. Give a \.sql file below migrations\//,
  ],
  ['an absolute schema file', { targetSchema: ['/etc/x.sql'] }, /^targetSchema names "\/etc\/x\.sql"/],
  ['a schema file that is not SQL', { targetSchema: ['x.ts'] }, /^targetSchema names "x\.ts"/],
  [
    'no copier',
    { throttle: { copiersMax: 0 } },
    /^throttle\.copiersMax is 0\. Use a whole number from 1 to 1000/,
  ],
  ['a half copier', { throttle: { copiersMax: 1.5 } }, /^throttle\.copiersMax is 1\.5/],
  ['no rows per second', { throttle: { rowsPerSecondMax: 0 } }, /^throttle\.rowsPerSecondMax is 0/],
  [
    'a fence without end',
    { fence: { minutes: 10_081 } },
    /^fence\.minutes is 10081\. Use a whole number from 1 to 10080/,
  ],
])('%s is refused', (_what, changes, problem) => {
  expect(problemsOf(changes)).toEqual([expect.stringMatching(problem) as string]);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    'a table without its schema',
    { source: 'orders' },
    /^tables\[0\]\.source is "orders"\. Write schema\.table/,
  ],
  ['a table of three parts', { target: 'a.b.c' }, /^tables\[0\]\.target is "a\.b\.c"/],
  ['a name longer than the server keeps', { target: `a.${'b'.repeat(64)}` }, /^tables\[0\]\.target is/],
  ['an empty key', { key: [] }, /^tables\[0\]\.key is empty/],
  ['a key column twice', { key: ['a', 'a'] }, /^tables\[0\]\.key names a twice/],
  [
    'a source column for two targets',
    { columns: { x: 'a', y: 'a' } },
    /^tables\[0\]\.columns maps source column a twice/,
  ],
  [
    'a key column left out',
    { key: ['a'], omit: ['a'] },
    /^tables\[0\]\.omit names a, which the mapping uses/,
  ],
  ['a renamed column left out', { columns: { x: 'a' }, omit: ['a'] }, /^tables\[0\]\.omit names a/],
  [
    'chunks too small',
    { chunking: { rows: 99 } },
    /^tables\[0\]\.chunking\.rows is 99\. Use a whole number from 100/,
  ],
  [
    'an unknown kind of chunking',
    { chunking: { size: 5 } },
    /^tables\[0\]\.chunking has an unknown field "size"\. Known fields are rows, by/,
  ],
  [
    'an unknown value of existingRows',
    { existingRows: 'keep' },
    /^tables\[0\]\.existingRows is "keep"\. Use 'refuse' or 'replace'/,
  ],
  ['an unknown field', { colums: {} }, /^tables\[0\] has an unknown field "colums"/],
])('%s is refused', (_what, changes, problem) => {
  expect(mapping(changes)).toEqual([expect.stringMatching(problem) as string]);
});

test.each([
  [
    'source',
    [
      { source: 'a.b', target: 'c.d' },
      { source: 'a.b', target: 'c.e' },
    ],
    'source table "a"."b" is mapped twice. Map it once',
  ],
  [
    'target',
    [
      { source: 'a.b', target: 'c.d' },
      { source: 'a.c', target: 'c.d' },
    ],
    'target table "c"."d" is mapped twice. Map it once',
  ],
  [
    'target, in another spelling',
    [
      { source: 'a.b', target: 'c.d' },
      { source: 'a.c', target: '"c".D' },
    ],
    'target table "c"."d" is mapped twice. Map it once',
  ],
])('a %s that is mapped twice is refused', (_what, tables, problem) => {
  expect(problemsOf({ tables })).toEqual([problem]);
});

test.each([null, undefined, 'orders', 7, []])('%p is not a definition', (nothing) => {
  const define = () => defineMigration(nothing as unknown as MigrationDefinition);
  expect(define).toThrow(InvalidDefinition);
});

test.each<[string, Record<string, unknown>]>([
  ['an endpoint', { source: { dev: null }, target: { dev: 'x' } }],
  ['sides', { source: null, target: 'x' }],
  ['a mapping', { tables: [null, 'a.b'] }],
  [
    'lists',
    {
      tables: [{ source: 'a.b', target: 'c.d', key: 'id', omit: 'x', columns: ['x'], chunking: 5 }],
      targetSchema: 'x.sql',
    },
  ],
  ['settings', { throttle: 5, fence: 'long' }],
])('%s of the wrong type are reported', (_what, changes) => {
  expect(problemsOf(changes).length).toBeGreaterThan(0);
});

test('a definition without environments is refused for both sides', () => {
  expect(problemsOf({ source: {}, target: undefined })).toEqual([
    expect.stringMatching(/^source names no environment/),
    expect.stringMatching(/^target names no environment/),
  ]);
});

test.each([
  [
    'throttle',
    { throttle: { copiers: 3 } },
    'throttle has an unknown field "copiers". Known fields are copiersMax, rowsPerSecondMax',
  ],
  ['fence', { fence: { hours: 3 } }, 'fence has an unknown field "hours". Known fields are minutes, seconds'],
])('an unknown field of %s is refused', (_what, changes, problem) => {
  expect(problemsOf(changes)).toEqual([problem]);
});

test('the column by which chunks are split cannot be omitted', () => {
  expect(mapping({ omit: ['at'], chunking: { by: 'at' } })).toEqual([expect.stringMatching(/omit names at/)]);
});

test('all problems are reported at once', () => {
  const problems = problemsOf({
    name: 'X',
    shape: 'online',
    tables: [{ source: 'orders', target: 'shop.orders', chunking: { rows: 1 } }],
    fence: { minutes: 0 },
    other: 1,
  });
  expect(problems).toHaveLength(6);
  expect(new InvalidDefinition('X', problems).message).toMatch(
    /^migration X: the definition has 6 problem\(s\):\n- the definition has an unknown field "other"/,
  );
});
