/** The checks that shape `cdc` adds to those of `offline`, which it runs as well. */
import { brief, Stage, type Case } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

const T = 'CREATE TABLE t (id int PRIMARY KEY, note text)';
const live = (input: Case): Case => ({
  ...input,
  definition: { shape: 'cdc', ...input.definition },
});
const problemsOf = async (input: Case): Promise<string[]> => brief(await stage.problems(live(input)));

const NO_INDEX = 'it has no usable unique index on exactly';
const NOT_HELD = (type: string, from: string, column: string, why: string) =>
  `column-types: target table t, column ${column}: ${type} cannot hold every ${from} of source column ${column} unchanged: ${why}`;

const CASES: Record<string, Case & { found: unknown[] }> = {
  'an ordinary table': { source: T, found: [] },
  'a source partitioned at two levels, and a target without partitions': {
    source: `CREATE TABLE t (id int, note text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
      CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (9) PARTITION BY LIST (id);
      CREATE TABLE t11 PARTITION OF t1 DEFAULT; CREATE TABLE t2 PARTITION OF t DEFAULT`,
    target: T,
    found: [],
  },
  'a key type without a hash function': {
    source: 'CREATE TABLE t (id varbit PRIMARY KEY, note text)',
    found: [],
  },
  'a key in a different order in the target': {
    source: 'CREATE TABLE t (a int, b int, note text, PRIMARY KEY (a, b))',
    target: 'CREATE TABLE t (a int, b int, note text, PRIMARY KEY (b, a)); CREATE INDEX ON t (a)',
    found: [],
  },
  'no key': {
    source: 'CREATE TABLE t (id int NOT NULL UNIQUE)',
    found: ['usable-key: source table t: the table has no primary key'],
  },
  'a key that may be NULL, is a float, or has a nondeterministic collation': {
    source: `CREATE COLLATION IF NOT EXISTS loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE t (a int, b float8 NOT NULL, c text COLLATE loose NOT NULL, UNIQUE (a, b, c))`,
    mapping: { key: ['a', 'b', 'c'] },
    found: expect.arrayContaining(
      ['source', 'target'].flatMap((side) => [
        `usable-key: ${side} table t, column a: it is part of the key, but may be NULL`,
        `key-types: ${side} table t, column b: it orders the chunks, but double precision values do not compare exactly`,
        `key-types: ${side} table t, column c: it orders the chunks, but collation loose is nondeterministic`,
      ]),
    ) as unknown[],
  },
  'a target without a usable unique index on the key': {
    source: `CREATE TABLE t (id int PRIMARY KEY, note text)`,
    target: `CREATE TABLE t (id int NOT NULL, note text, CONSTRAINT late UNIQUE (id) DEFERRABLE);
      CREATE UNIQUE INDEX part ON t (id) WHERE id > 0; CREATE UNIQUE INDEX broken ON t (id); CREATE INDEX ON t (id);
      CREATE UNIQUE INDEX more ON t (id, note)`,
    targetAfter: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{case}.broken'::regclass",
    found: [
      expect.stringMatching(
        new RegExp(`^usable-key: target table t: ${NO_INDEX} \\(id\\); .*part is partial`),
      ),
    ],
  },
  'chunking by a time that may be NULL and has no index': {
    source: 'CREATE TABLE t (id int PRIMARY KEY, at timestamptz)',
    mapping: { chunking: { by: 'at' } },
    found: ['source', 'target'].flatMap((side) => [
      `chunk-order: ${side} table t, column at: chunks are read in the order of this column, but no usable index starts with it`,
      `chunk-order: ${side} table t, column at: chunking.by names this column, but it may be NULL`,
    ]),
  },
  'a view': {
    source: 'CREATE TABLE base (id int PRIMARY KEY); CREATE VIEW t AS SELECT * FROM base',
    target: 'CREATE TABLE t (id int PRIMARY KEY)',
    mapping: { key: ['id'] },
    found: expect.arrayContaining(['table-kind: source table t: it is a view']) as unknown[],
  },
  'an inheritance parent and an inheritance child': {
    source: `${T}; CREATE TABLE child () INHERITS (t); CREATE TABLE parent (); CREATE TABLE u (id int PRIMARY KEY) INHERITS (parent)`,
    tables: [
      { source: 't', target: 't' },
      { source: 'u', target: 'u' },
    ],
    target: `${T}; CREATE TABLE u (id int PRIMARY KEY)`,
    found: [
      'table-kind: source table t: it is part of an inheritance tree',
      'table-kind: source table u: it is part of an inheritance tree',
    ],
  },
  'a foreign partition': {
    source: 'CREATE TABLE t (id int NOT NULL, note text) PARTITION BY LIST (id)',
    sourceAfter: `CREATE EXTENSION IF NOT EXISTS postgres_fdw; CREATE SERVER s_{case} FOREIGN DATA WRAPPER postgres_fdw;
      CREATE FOREIGN TABLE {case}.f PARTITION OF {case}.t FOR VALUES IN (1) SERVER s_{case}`,
    target: T,
    mapping: { key: ['id'] },
    found: expect.arrayContaining([
      'table-kind: source table t: a partition is a foreign table',
    ]) as unknown[],
  },
  'a nested partition with another owner': {
    source: `CREATE TABLE t (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
      CREATE TABLE t1 PARTITION OF t DEFAULT PARTITION BY LIST (id); CREATE TABLE t11 PARTITION OF t1 DEFAULT`,
    sourceAfter: 'ALTER TABLE {case}.t11 OWNER TO postgres',
    target: T,
    found: [
      'owner-acts-for-tables: source table t: login sluice_owner does not have the rights of the owner of its partition t11',
    ],
  },
  'subscribed tables, one of them by its partition': {
    source: `CREATE TABLE t (id int PRIMARY KEY, note text) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t DEFAULT`,
    sourceAfter: `CREATE SUBSCRIPTION incoming CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false);
      INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate)
      SELECT oid, '{case}.t1'::regclass, 'r' FROM pg_subscription WHERE subname = 'incoming'`,
    target: T,
    targetAfter: `CREATE SUBSCRIPTION mirror CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false);
      INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate)
      SELECT oid, '{case}.t'::regclass, 'r' FROM pg_subscription WHERE subname = 'mirror'`,
    found: [
      'replication: source table t: subscription incoming writes to it by logical replication',
      'replication: target table t: subscription mirror writes to it by logical replication',
    ],
  },
  'an identity column whose value cannot be updated': {
    source: `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY,
      free int GENERATED BY DEFAULT AS IDENTITY)`,
    target: `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY,
      free int GENERATED BY DEFAULT AS IDENTITY, own int GENERATED ALWAYS AS IDENTITY)`,
    found: [
      'settable-columns: target table t, column n: it is GENERATED ALWAYS AS IDENTITY, so its value cannot be updated',
    ],
  },
  'deferrable constraints and exclusion constraints': {
    source: `CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE DEFERRABLE, r int4range);
      ALTER TABLE t ADD CONSTRAINT apart EXCLUDE USING gist (r WITH &&)`,
    found: [
      'deferrable-constraints: target table t: constraint t_a_key is deferrable, so ON CONFLICT cannot leave out the rows that it refuses',
      'exclusion-constraints: target table t: exclusion constraint apart may refuse rows that conflict only while changes are being applied',
    ],
  },
  'an application trigger with a reserved name': {
    source: `${T}; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER sluice_capture_insert_1 AFTER INSERT ON t EXECUTE FUNCTION f();
      CREATE TRIGGER "sluiceXother" AFTER INSERT ON t EXECUTE FUNCTION f()`,
    target: T,
    found: [
      "reserved-names: source table t: trigger sluice_capture_insert_1 is not Sluice's, but has a name that Sluice reserves",
    ],
  },
  'rows in the target, even with existingRows replace': {
    source: T,
    target: `${T}; INSERT INTO t VALUES (1)`,
    mapping: { existingRows: 'replace' },
    found: ['empty-target: target table t: the table has rows'],
  },
  'an empty target with existingRows replace': {
    source: T,
    mapping: { existingRows: 'replace' },
    found: ["empty-target: target table t: shape cdc does not support existingRows: 'replace'"],
  },
  'all grants on the tables are missing': {
    source: T,
    sourceAfter: 'REVOKE SELECT ON {case}.t FROM sluice_worker',
    targetAfter: 'REVOKE SELECT, INSERT, UPDATE, DELETE ON {case}.t FROM sluice_worker',
    found: [
      'grants: source table t: worker sluice_worker lacks SELECT',
      'grants: target table t: worker sluice_worker lacks SELECT, INSERT, UPDATE, DELETE',
    ],
  },
  'only UPDATE is missing': {
    source: T,
    targetAfter: 'REVOKE UPDATE ON {case}.t FROM sluice_worker',
    found: ['grants: target table t: worker sluice_worker lacks UPDATE'],
  },
  "an owner login without the rights of the source's owner": {
    source: T,
    sourceAfter: 'ALTER TABLE {case}.t OWNER TO postgres; GRANT ALL ON {case}.t TO sluice_owner',
    found: [
      'owner-acts-for-tables: source table t: login sluice_owner does not have the rights of its owner postgres',
    ],
  },
  'a foreign key to an unmapped table': {
    source: `CREATE TABLE parent (id int PRIMARY KEY); ${T}; ALTER TABLE t ADD up int CONSTRAINT up REFERENCES parent`,
    target: `${T}; ALTER TABLE t ADD up int`,
    found: ['foreign-keys: source table t: foreign key up references "parent", which is not mapped'],
  },
  'a trigger that fires on every write': {
    source: T,
    target: `${T}; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER always BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE t ENABLE ALWAYS TRIGGER always`,
    found: [
      "silent-triggers: target table t: trigger or rule always fires on Sluice's own writes (ENABLE ALWAYS or REPLICA)",
    ],
  },
  'columns that cannot hold every value': {
    source: 'CREATE TABLE t (id int8 PRIMARY KEY, a varchar(20), b numeric(10,4), c timestamp, d text)',
    target:
      'CREATE TABLE t (id int4 PRIMARY KEY, a varchar(10), b numeric(10,2), c timestamp(0), d varchar(5))',
    found: [
      NOT_HELD('integer', 'bigint', 'id', 'larger numbers do not fit'),
      NOT_HELD('character varying(10)', 'character varying(20)', 'a', 'longer text does not fit'),
      NOT_HELD('numeric(10,2)', 'numeric(10,4)', 'b', 'fractions would be rounded'),
      NOT_HELD(
        'timestamp(0) without time zone',
        'timestamp without time zone',
        'c',
        'fractions of a second would be rounded',
      ),
      NOT_HELD('character varying(5)', 'text', 'd', 'longer text does not fit'),
    ],
  },
};

test.each(Object.entries(CASES))('%s', async (_, { found, ...input }) => {
  expect(await problemsOf(input)).toEqual(found);
});

test.each([
  'an identity column whose value cannot be updated',
  'deferrable constraints and exclusion constraints',
  'an application trigger with a reserved name',
])('%s: accepted in an offline migration', async (name) => {
  expect(brief(await stage.problems(CASES[name]!))).toEqual([]);
});

test('both shapes refuse a deferrable constraint that only the target has, because nothing would check it', async () => {
  const input: Case = {
    source: `CREATE TABLE t (id int PRIMARY KEY, a int, b int, c int4range, d int, UNIQUE (b));
      CREATE UNIQUE INDEX ON t (a) WHERE a > 0; CREATE UNIQUE INDEX broken ON t (d)`,
    sourceAfter: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{case}.broken'::regclass",
    target: `CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE DEFERRABLE, bb int UNIQUE DEFERRABLE INITIALLY DEFERRED, c int4range, d int UNIQUE DEFERRABLE,
      CONSTRAINT apart EXCLUDE USING gist (c WITH &&) DEFERRABLE)`,
    mapping: { columns: { bb: 'b' } },
  };
  const unchecked =
    "is deferrable, so PostgreSQL does not check it for Sluice's writes, and the source does not enforce an equivalent constraint";
  expect(brief(await stage.problems(input))).toEqual([
    `deferrable-constraints: target table t: constraint apart ${unchecked}`,
    `deferrable-constraints: target table t: constraint t_a_key ${unchecked}`,
    `deferrable-constraints: target table t: constraint t_d_key ${unchecked}`,
  ]);
  // The problem is real: under the worker's settings, both rows are inserted.
  const worker = stage.connect('target', 'worker');
  const insert = worker.query(`INSERT INTO ${stage.schema}.t (id, a) VALUES (1, 1) ON CONFLICT DO NOTHING`);
  await expect(insert).rejects.toThrow('ON CONFLICT does not support deferrable unique constraints');
  await worker.query(`INSERT INTO ${stage.schema}.t (id, a) VALUES (1, 1), (2, 1)`);
  expect(await worker.query(`SELECT count(*) AS n FROM ${stage.schema}.t WHERE a = 1`)).toEqual([{ n: 2 }]);
});
