/** A fence is void, and a dark side is reported, if the structure of its tables changed so that a comparison may no longer hold. */
import { FenceExpired } from '../../src/core/errors';
import { startLab, type Lab, type Trial } from '../support/world';

const TABLES = `
  CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TYPE inner_pair AS (a int, m mood); CREATE TYPE pair AS (p inner_pair, b text);
  CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE TYPE span AS RANGE (subtype = mood);
  CREATE FUNCTION twice(n int) RETURNS int IMMUTABLE LANGUAGE sql RETURN n * 2;
  CREATE TABLE other (id int PRIMARY KEY);
  CREATE TABLE t (id int PRIMARY KEY, n numeric, p pair, d positive, s span, g int GENERATED ALWAYS AS (twice(id)) STORED, o int, b varchar(10));
  CREATE TABLE q (id int PRIMARY KEY, v text, o int CONSTRAINT up REFERENCES other) PARTITION BY RANGE (id);
  CREATE TABLE q_1 PARTITION OF q FOR VALUES FROM (0) TO (10)`;

/** Statements of the owner, the change that they are reported as, and statements that undo them. */
const CHANGES: readonly [string, string, string][] = [
  ['ALTER TABLE t ADD extra int', 'the columns of shop.t changed', 'ALTER TABLE t DROP extra'],
  ['ALTER TABLE t RENAME n TO m', 'the columns of shop.t changed', 'ALTER TABLE t RENAME m TO n'],
  ['ALTER TABLE t ALTER n TYPE numeric USING n * 2', 'shop.t was rewritten with a change of its columns', ''],
  [
    'ALTER TABLE q ALTER v TYPE varchar USING upper(v); ALTER TABLE q ALTER v TYPE text',
    'shop.q_1 was rewritten with a change of its columns',
    '',
  ],
  [
    "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
    'a label of an enum of shop.t changed',
    "ALTER TYPE mood RENAME VALUE 'blue' TO 'sad'",
  ],
  [
    'ALTER TYPE pair RENAME ATTRIBUTE b TO c',
    'a type of a column of shop.t changed',
    'ALTER TYPE pair RENAME ATTRIBUTE c TO b',
  ],
  [
    'ALTER TABLE t ADD CONSTRAINT up FOREIGN KEY (o) REFERENCES other',
    'the validated foreign keys of shop.t changed',
    'ALTER TABLE t DROP CONSTRAINT up',
  ],
  ['CREATE TABLE heir () INHERITS (t)', 'the tables that inherit from shop.t changed', 'DROP TABLE heir'],
];
const HARMLESS = [
  'ANALYZE t',
  'ALTER TABLE t ALTER o SET NOT NULL',
  'ALTER TABLE t ADD CONSTRAINT few CHECK (o < 9)',
  'ALTER TABLE t DROP CONSTRAINT few',
  'ALTER TABLE t ALTER o DROP NOT NULL',
  'ALTER TABLE t ALTER b TYPE varchar(20)',
  'ALTER TABLE t ADD CONSTRAINT late FOREIGN KEY (o) REFERENCES other NOT VALID',
  'ALTER TABLE q DROP CONSTRAINT up',
  'ALTER DOMAIN positive DROP CONSTRAINT positive_check',
  'VACUUM FULL other',
  'GRANT SELECT (v) ON q TO app',
  'ALTER TABLE q ALTER v SET STATISTICS 10',
  'CREATE INDEX ON t (o)',
  "ALTER TYPE mood ADD VALUE 'bored'",
  "COMMENT ON COLUMN t.n IS 'a number'",
  'CREATE TABLE q_2 PARTITION OF q FOR VALUES FROM (10) TO (20)',
];

let lab: Lab;
let trial: Trial;
let epoch = 50;
beforeAll(async () => {
  lab = await startLab();
  trial = await lab.trial({ tables: TABLES, map: ['t', 'q', 'other'] });
  await trial.begin();
  await trial.walk('prepare');
});
afterAll(() => lab.stop());

const guard = (side: 'source' | 'target') => trial.world().ends[side].guard;
const authority = () => trial.authority((epoch += 1));
async function changed(side: 'source' | 'target', statements: string): Promise<string> {
  for (const statement of statements.split('; '))
    if (statement) await trial[side].sql(statement, 'app_owner');
  return [...(await guard(side).guardChanges({ owner: trial.of.owner, migration: trial.name }))].join(', ');
}

test.each(CHANGES)('%s, at a dark target', async (statements, why, undo) => {
  expect(await changed('target', statements)).toBe(why);
  await changed('target', undo);
  await guard('target').setGuard(await authority(), { state: 'dark' });
});

test.each(CHANGES)('%s, under a fence', async (statements, why, undo) => {
  await guard('source').setGuard(await authority(), { state: 'fenced', seconds: 600 });
  expect(await changed('source', statements)).toBe(why);
  const seal = guard('source').setGuard(await authority(), { state: 'sealed' });
  await expect(seal).rejects.toThrow(FenceExpired);
  await expect(seal).rejects.toThrow(`the fence on the source of migration ${trial.name} is void: ${why}`);
  await guard('source').setGuard(await authority(), { state: 'open' });
  await changed('source', undo);
});

test.each(['target', 'source'] as const)(
  'changes without an effect on a comparison, at the %s',
  async (side) => {
    const state = side === 'target' ? { state: 'dark' as const } : { state: 'fenced' as const, seconds: 600 };
    await guard(side).setGuard(await authority(), state);
    for (const statement of HARMLESS) {
      // VACUUM cannot run among other statements.
      const session = await trial[side].session('app_owner');
      await session.query(statement);
      expect([statement, await changed(side, '')]).toEqual([statement, '']);
    }
  },
);
