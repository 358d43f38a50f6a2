import { PreflightFailed } from '../../../src/core/errors';
import { brief, Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

test('all problems are reported at once: those of the databases first, then table by table', async () => {
  const problems = await stage.problems({
    source: `CREATE TABLE late (id int, note text); CREATE TABLE early (id float8 PRIMARY KEY, note text)`,
    target: `CREATE TABLE late (id int PRIMARY KEY); CREATE TABLE early (id float8 PRIMARY KEY, note varchar(3));
      INSERT INTO early VALUES (1)`,
    sourceAfter: `REVOKE SELECT ON {case}.early FROM sluice_worker`,
    tables: [
      { source: 'late', target: 'late' },
      { source: 'gone', target: 'gone' },
      { source: 'early', target: 'early' },
    ],
    files: { 'a.sql': 'SELECT 1' },
  });
  expect(brief(problems)).toEqual([
    'schema-files: target: the schema files were not run: late, early exists, gone does not',
    'usable-key: source table late: the table has no primary key',
    'target-columns: target table late: column note for source column note does not exist',
    'table-exists: source table gone: the table does not exist in database app',
    'grants: source table early: worker sluice_worker lacks SELECT',
    'key-types: source table early, column id: it orders the chunks, but double precision values do not compare exactly',
    'key-types: target table early, column id: it orders the chunks, but double precision values do not compare exactly',
    'column-types: target table early, column note: character varying(3) cannot hold every text of source column note unchanged: longer text does not fit',
    'empty-target: target table early: the table has rows',
  ]);
  const { message } = new PreflightFailed('move', problems);
  for (const { found, remedy } of problems) expect(message).toContain(`${found}. ${remedy}`);
});
