import { pgDatabase } from '../../support/pg-database';
import { loginUrl } from 'local-aws';
import { brief, Stage, type Case } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

const TWO = 'CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY)';
const TABLES = [
  { source: 'a', target: 'a' },
  { source: 'b', target: 'b' },
];
const GRANT = 'GRANT ALL ON SCHEMA {case} TO sluice_owner';
const MAKE = (name: string, type = 'int') =>
  `CREATE TABLE {case}.${name} (id ${type} PRIMARY KEY); ALTER TABLE {case}.${name} OWNER TO app_owner`;

const CASES: Record<string, Case & { found: string[] }> = {
  'a faulty file after a correct one': {
    files: { 'a.sql': MAKE('a'), 'b.sql': 'SELECT 1; CREATE TABEL b ()' },
    found: ['schema-files: schema file b.sql: ERROR: syntax error at or near "TABEL"; SQLState: 42601'],
  },
  'files that rely on the default path, or on one that an earlier file set': {
    files: {
      'a.sql': `CREATE TABLE in_public (id int); DROP TABLE public.in_public; SET search_path = {case}; CREATE TABLE a (id int PRIMARY KEY);
        ALTER TABLE a OWNER TO app_owner`,
      'b.sql': `CREATE TABLE b (id int PRIMARY KEY); ALTER TABLE {case}.b OWNER TO app_owner; RESET search_path`,
      'c.sql': `CREATE TABLE in_public (id int); DROP TABLE public.in_public`,
    },
    targetAfter: `GRANT ALL ON SCHEMA {case}, public TO sluice_owner`,
    found: [],
  },
  'a file that does not exist': {
    files: { 'a.sql': MAKE('a') },
    definition: { targetSchema: ['a.sql', 'lost.sql'] },
    found: ['schema-files: schema file lost.sql: cannot read the file: no such file: lost.sql'],
  },
  'files that do not create every table': {
    files: { 'a.sql': MAKE('a') },
    found: ['table-exists: target table b: the schema files do not create it'],
  },
  'files that create a table that does not fit': {
    files: { 'a.sql': MAKE('a', 'smallint'), 'b.sql': `${MAKE('b')}; INSERT INTO {case}.b VALUES (1)` },
    found: [
      'column-types: target table a, column id: smallint cannot hold every integer of source column id unchanged: larger numbers do not fit',
      'empty-target: target table b: the table has rows',
    ],
  },
  'one of two tables exists': {
    target: 'CREATE TABLE a (id int PRIMARY KEY)',
    files: { 'a.sql': MAKE('a'), 'b.sql': MAKE('b') },
    found: ['schema-files: target: the schema files were not run: a exists, b does not'],
  },
  'both tables exist: the files are not run': {
    target: TWO,
    files: { 'a.sql': 'a file with a fault' },
    found: [],
  },
  'both tables exist, without grants': {
    target: TWO,
    files: { 'a.sql': 'a file with a fault' },
    targetAfter: 'REVOKE ALL ON {case}.b FROM sluice_worker',
    found: ['grants: target table b: worker sluice_worker lacks SELECT, INSERT, UPDATE, DELETE'],
  },
};

test.each(Object.entries(CASES))('%s', async (_, { found, ...input }) => {
  const problems = await stage.problems({ targetAfter: GRANT, ...input, source: TWO, tables: TABLES });
  expect(brief(problems)).toEqual(found);
});

test('without an owner login the tables are unknown', async () => {
  const wrong = pgDatabase(loginUrl(stage.urls.target, 'sluice_owner', 'not it'));
  const problems = await stage.problems({
    source: TWO,
    tables: TABLES,
    files: { 'a.sql': MAKE('a') },
    connect: (side, login) => (side === 'target' && login === 'owner' ? wrong : stage.connect(side, login)),
  });
  expect(problems.map(({ check }) => check)).toEqual(['reachable']);
});
