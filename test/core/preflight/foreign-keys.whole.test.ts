/** Foreign keys of partitions, and those that existing rows may break. */
import { runChecks } from '../../../src/core/preflight';
import { brief, Stage, type Case } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

const found = async (input: Case) => brief(runChecks(await stage.facts(input)).problems);

const PARTS = `CREATE TABLE parent (id int PRIMARY KEY);
  CREATE TABLE t (id int PRIMARY KEY, p int) PARTITION BY RANGE (id);
  CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
  CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20)`;
const BOTH = [
  { source: 't', target: 't' },
  { source: 'parent', target: 'parent' },
];

test('a foreign key of a partition belongs to its mapped table', async () => {
  const source = `${PARTS}; ALTER TABLE t_2 ADD CONSTRAINT up FOREIGN KEY (p) REFERENCES parent`;
  expect(await found({ source, tables: BOTH })).toEqual([]);
  expect(await found({ source })).toEqual([
    'foreign-keys: source table t: foreign key up references "parent", which is not mapped',
    'foreign-keys: target table t: foreign key up references "parent", which is not mapped',
  ]);
});

test('a foreign key to a partition refers to its mapped table', async () => {
  const source = `${PARTS}; CREATE TABLE child (t int CONSTRAINT down REFERENCES t_1)`;
  expect(await found({ source, target: PARTS, tables: BOTH })).toEqual([
    'foreign-keys: source table t: foreign key down belongs to "child", which is not mapped',
  ]);
});

const PLAIN = 'CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int)';
const up = (suffix = '') => `ALTER TABLE t ADD CONSTRAINT up FOREIGN KEY (p) REFERENCES parent ${suffix}`;
const UNPROVEN =
  'foreign-keys: target table t: foreign key up is validated, but the same foreign key up of the source is not (NOT VALID, NOT ENFORCED, or its triggers are disabled): rows may have no parent';

test.each([
  ['validated at both ends', up(), up(), []],
  ['NOT VALID at both ends', up('NOT VALID'), up('NOT VALID'), []],
  ['NOT VALID at the target', up(), up('NOT VALID'), []],
  ['NOT VALID at the source', up('NOT VALID'), up(), [UNPROVEN]],
  ['only at the target', '', up(), []],
])('a foreign key that is %s', async (_, source, target, problems) => {
  expect(await found({ source: `${PLAIN}; ${source}`, target: `${PLAIN}; ${target}`, tables: BOTH })).toEqual(
    problems,
  );
});

test('a foreign key without its triggers at the source', async () => {
  const source = `${PLAIN}; ${up()}`;
  const sourceAfter = 'ALTER TABLE {case}.t DISABLE TRIGGER ALL';
  expect(await found({ source, sourceAfter, tables: BOTH })).toEqual([UNPROVEN]);
});

describe('a constraint that existing rows may violate', () => {
  const check = (name: string, more = '') =>
    `CREATE TABLE t (id int PRIMARY KEY, v int); ALTER TABLE t ADD CONSTRAINT ${name} CHECK (v > 0) ${more}`;
  const unchecked = (what: string) =>
    `unchecked-rows: source table t: constraint ${what} was not checked for existing rows, and the target refuses rows that violate it`;

  test.each([
    ['NOT VALID at both ends', check('c', 'NOT VALID'), check('c', 'NOT VALID'), [unchecked('c')]],
    ['NOT VALID at the source', check('c', 'NOT VALID'), check('c'), [unchecked('c')]],
    ['of another name', check('c', 'NOT VALID'), check('d'), [unchecked('c')]],
    ['NOT ENFORCED at the source', check('c', 'NOT ENFORCED'), check('c'), [unchecked('c')]],
    ['NOT ENFORCED at the target', check('c', 'NOT VALID'), check('c', 'NOT ENFORCED'), []],
    ['validated at the source', check('c'), check('c', 'NOT VALID'), []],
    ['only at the target', 'CREATE TABLE t (id int PRIMARY KEY, v int)', check('c'), []],
  ])('%s', async (_, source, target, problems) => {
    expect(await found({ source, target })).toEqual(problems);
  });

  test('NOT NULL that is NOT VALID at the source', async () => {
    const table = 'CREATE TABLE t (id int PRIMARY KEY, v int)';
    const source = `${table}; ALTER TABLE t ADD CONSTRAINT filled NOT NULL v NOT VALID`;
    expect(await found({ source, target: table })).toEqual([]);
    expect(await found({ source, target: `${table}; ALTER TABLE t ALTER v SET NOT NULL` })).toEqual([
      unchecked('filled (NOT NULL of v)'),
    ]);
  });
});

test('a foreign key with a PERIOD is accepted if the source enforces it', async () => {
  const tables = (key: string) => `CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
    CREATE TABLE parent (id int, at int4range, CONSTRAINT pk PRIMARY KEY (id, at WITHOUT OVERLAPS));
    CREATE TABLE t (id int PRIMARY KEY, p int, at int4range ${key})`;
  const key = ', CONSTRAINT up FOREIGN KEY (p, PERIOD at) REFERENCES parent (id, PERIOD at)';
  const only = [{ source: 't', target: 't' }];
  const problems = async (source: string, target: string) =>
    (await found({ source: tables(source), target: tables(target), tables: only })).filter((each) =>
      each.includes('PERIOD'),
    );
  expect(await problems('', key)).toEqual([
    'foreign-keys: target table t: foreign key up has a PERIOD, and the source does not enforce it: Sluice cannot prove it',
  ]);
  expect(await problems(key, key)).toEqual([]);
});
