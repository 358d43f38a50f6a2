/** The border of a mapping whose source and target are tables of one database. */
import type { Shape } from '../../../src/contract/lifecycle';
import { runChecks } from '../../../src/core/preflight';
import type { Problem } from '../../../src/core/errors';
import { brief, endpoint, Stage, type Case } from './stage';

let stage: Stage;
beforeAll(async () => {
  const started = await Stage.start();
  stage = await started.withDatabases(started.urls.source, started.urls.source);
});
afterAll(() => stage.stop());

const within = (shape: Shape, source: string, tables: Case['tables'] = [{ source: 't', target: 'u' }]) =>
  stage.facts({
    source,
    tables,
    definition: { shape, source: { test: endpoint('source') }, target: { test: endpoint('source') } },
  });
/** Problems and notices of a case in both databases' only schema. */
async function assess(shape: Shape, source: string, tables?: Case['tables']) {
  const { problems, notices } = runChecks(await within(shape, source, tables));
  return { problems, notices };
}
const remedies = (problems: readonly Problem[]) =>
  problems.map(({ remedy }) => remedy.replaceAll(/"?case_\d+"?\./g, ''));

const T = 'CREATE TABLE t (id int PRIMARY KEY, p int)';
const U = 'CREATE TABLE u (id int PRIMARY KEY, p int)';
const BOTH = `CREATE TABLE parent (id int PRIMARY KEY); GRANT SELECT ON parent TO sluice_verifier; ${T}; ${U}`;

test.each(['offline', 'cdc'] as const)('%s: both ends may reference a table that stays', async (shape) => {
  const { problems, notices } = await assess(
    shape,
    `${BOTH}; ALTER TABLE t ADD CONSTRAINT up FOREIGN KEY (p) REFERENCES parent;
     ALTER TABLE u ADD CONSTRAINT up FOREIGN KEY (p) REFERENCES parent`,
  );
  expect(problems).toEqual([]);
  const stays = 'foreign key up references "parent", which is not mapped and stays writable';
  expect(brief(notices)).toEqual([
    `foreign-keys: source table t: ${stays}: after the flip, rows there that the source still references cannot be deleted`,
    ...(shape === 'cdc'
      ? [
          `foreign-keys: target table u: ${stays}: until the flip, a transaction that deletes a row there together with the source's rows that reference it is refused, because the target still has them`,
        ]
      : []),
  ]);
});

test('the verifier must be able to prove that each row has its parent', async () => {
  const { problems } = await assess(
    'offline',
    `CREATE SCHEMA hidden_{case}; CREATE TABLE hidden_{case}.parent (id int PRIMARY KEY); ${T}; ${U};
     ALTER TABLE u ADD CONSTRAINT up FOREIGN KEY (p) REFERENCES hidden_{case}.parent`,
  );
  expect(problems).toMatchObject([
    {
      check: 'foreign-keys',
      found: expect.stringMatching(
        /^verifier sluice_verifier may not read "hidden_case_\d+"\."parent", which foreign key up/,
      ) as string,
      remedy: expect.stringMatching(
        /^GRANT USAGE ON SCHEMA "hidden_case_\d+" TO "sluice_verifier"; GRANT SELECT ON "hidden_case_\d+"\."parent" TO "sluice_verifier"$/,
      ) as string,
    },
  ]);
});

test.each([
  ['ON DELETE CASCADE', 'cdc', 1],
  ['ON DELETE SET NULL', 'cdc', 1],
  ['ON UPDATE CASCADE', 'cdc', 1],
  ['ON DELETE RESTRICT', 'cdc', 0],
  ['ON DELETE CASCADE', 'offline', 0],
] as const)('%s from a table that stays, in shape %s: %i problem(s)', async (action, shape, count) => {
  const { problems } = await assess(
    shape,
    `${BOTH}; ALTER TABLE t ADD CONSTRAINT up FOREIGN KEY (p) REFERENCES parent ${action};
     ALTER TABLE u ADD CONSTRAINT up FOREIGN KEY (p) REFERENCES parent ${action}`,
  );
  expect(brief(problems)).toEqual(
    Array<string>(count).fill(
      'foreign-keys: target table u: foreign key up cascades from "parent", which is not mapped: until the flip, the application could not change the rows there that the target references',
    ),
  );
});

test.each(['offline', 'cdc'] as const)('%s: no table that stays may reference either end', async (shape) => {
  const { problems } = await assess(
    shape,
    `${BOTH}; CREATE TABLE child (t int CONSTRAINT down REFERENCES t, u int CONSTRAINT down2 REFERENCES u)`,
  );
  expect(brief(problems)).toEqual([
    'foreign-keys: source table t: foreign key down belongs to "child", which is not mapped',
    'foreign-keys: target table u: foreign key down2 belongs to "child", which is not mapped',
  ]);
  expect(remedies(problems)).toEqual([
    'Map "child" too, or move the constraint at the flip: drop it now, and let "child" reference u once the migration is done',
    'Map the table that becomes "child" too, or move the constraint at the flip: drop it now, and add it once the migration is done',
  ]);
});

test('no end may reference the other', async () => {
  const { problems } = await assess(
    'cdc',
    `CREATE TABLE pt (id int PRIMARY KEY); CREATE TABLE pu (id int PRIMARY KEY); ${T}; ${U};
     ALTER TABLE t ADD CONSTRAINT forth FOREIGN KEY (p) REFERENCES pu;
     ALTER TABLE u ADD CONSTRAINT back FOREIGN KEY (p) REFERENCES pt`,
    [
      { source: 't', target: 'u' },
      { source: 'pt', target: 'pu' },
    ],
  );
  expect(brief(problems)).toEqual([
    'foreign-keys: source table t: foreign key forth references "pu", which is a table of the target',
    'foreign-keys: target table u: foreign key back references "pt", which is a table of the source',
  ]);
  expect(remedies(problems)).toEqual([
    'Let it reference pt, or drop the foreign key',
    'Let it reference pu, or drop the foreign key',
  ]);
});

test('a table may be a source or a target, and not both', async () => {
  const { problems } = await assess('offline', `${T}; ${U}; CREATE TABLE w (id int PRIMARY KEY, p int)`, [
    { source: 't', target: 'u' },
    { source: 'u', target: 'w' },
  ]);
  expect(brief(problems)).toEqual([
    'distinct-tables: table u: it is also the target of t, in the same database',
  ]);
});

test('a sequence of both ends is named', async () => {
  const { problems, notices } = await assess(
    'cdc',
    `CREATE TABLE t (id serial PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY DEFAULT nextval('t_id_seq'))`,
  );
  expect(problems).toEqual([]);
  expect(brief(notices)).toEqual([
    'sequences: target table u, column id: its default uses sequence t_id_seq, and so does source column id: the migration does not advance it, and it would be dropped with the source table if that owns it',
  ]);
  expect(remedies(notices)).toEqual([
    'Before you drop the source table: ALTER SEQUENCE t_id_seq OWNED BY u."id"',
  ]);
});
