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
