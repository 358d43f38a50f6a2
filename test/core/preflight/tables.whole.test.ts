import { brief, endpoint, Stage, type Case } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

const T = 'CREATE TABLE t (id int PRIMARY KEY, note text)';

const CASES: Record<string, Case & { found: string[] }> = {
  'missing tables': {
    source: 'CREATE TABLE other (id int)',
    found: [
      'table-exists: source table t: the table does not exist in database app',
      'table-exists: target table t: the table does not exist in database app',
    ],
  },
  'a view': {
    source: 'CREATE TABLE base (id int PRIMARY KEY); CREATE VIEW t AS SELECT * FROM base',
    target: 'CREATE TABLE t (id int PRIMARY KEY)',
    mapping: { key: ['id'] },
    found: [
      'table-kind: source table t: it is a view',
      'usable-key: source table t: it has no usable unique index on exactly (id)',
      'usable-key: source table t, column id: it is part of the key, but may be NULL',
      'chunk-order: source table t, column id: chunks are read in the order of this column, but no usable index starts with it',
    ],
  },
  'a sequence': {
    source: T,
    target: 'CREATE SEQUENCE t',
    found: expect.arrayContaining(['table-kind: target table t: it is not a table']) as string[],
  },
  'a partition': {
    source: `CREATE TABLE whole (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
      CREATE TABLE t PARTITION OF whole FOR VALUES FROM (1) TO (9)`,
    target: T,
    found: ['table-kind: source table t: it is a partition'],
  },
  inheritance: {
    source: `${T}; CREATE TABLE child () INHERITS (t)`,
    target: `CREATE TABLE parent (); CREATE TABLE t (id int PRIMARY KEY, note text) INHERITS (parent)`,
    found: [
      'table-kind: source table t: it is part of an inheritance tree',
      'table-kind: target table t: it is part of an inheritance tree',
    ],
  },
  'an unlogged table, and one unlogged partition': {
    source: 'CREATE UNLOGGED TABLE t (id int PRIMARY KEY)',
    target: `CREATE TABLE t (id int PRIMARY KEY) PARTITION BY LIST (id);
      CREATE UNLOGGED TABLE t1 PARTITION OF t FOR VALUES IN (1)`,
    found: [
      'table-kind: source table t: it or a partition is temporary or unlogged',
      'table-kind: target table t: it or a partition is temporary or unlogged',
    ],
  },
  'a foreign partition': {
    source: 'CREATE TABLE t (id int NOT NULL, note text) PARTITION BY LIST (id)',
    sourceAfter: `CREATE EXTENSION IF NOT EXISTS postgres_fdw; CREATE SERVER s_{case} FOREIGN DATA WRAPPER postgres_fdw;
      CREATE FOREIGN TABLE {case}.f PARTITION OF {case}.t FOR VALUES IN (1) SERVER s_{case}`,
    target: T,
    mapping: { key: ['id'] },
    found: expect.arrayContaining(['table-kind: source table t: a partition is a foreign table']) as string[],
  },
  'the same table': {
    source: T,
    definition: { target: { test: endpoint('source') } },
    found: ['distinct-tables: table t: source and target are the same table of the same database'],
  },
  'a target with rows': {
    source: T,
    target: `${T}; INSERT INTO t VALUES (1)`,
    found: ['empty-target: target table t: the table has rows'],
  },
  'a target with rows and existingRows replace': {
    source: T,
    target: `${T}; INSERT INTO t VALUES (1)`,
    mapping: { existingRows: 'replace' },
    found: [],
  },
  "another migration's guard": {
    source: T,
    sourceAfter: `CREATE FUNCTION {case}.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER sluice_guard BEFORE INSERT ON {case}.t FOR EACH ROW EXECUTE FUNCTION {case}.refuse('earlier', 'target', '');
      ALTER TABLE {case}.t DISABLE TRIGGER sluice_guard`,
    found: ['other-migrations: source table t: migration earlier guards it (trigger sluice_guard)'],
  },
  "the migration's own guard": {
    source: T,
    sourceAfter: `CREATE FUNCTION {case}.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER sluice_guard BEFORE INSERT ON {case}.t FOR EACH ROW EXECUTE FUNCTION {case}.refuse('move', 'source', '')`,
    found: [],
  },
  "the migration's own guard as the other side": {
    source: T,
    sourceAfter: `CREATE FUNCTION {case}.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER sluice_guard BEFORE INSERT ON {case}.t FOR EACH ROW EXECUTE FUNCTION {case}.refuse('move', 'target', '')`,
    found: [
      'other-migrations: source table t: this migration guards it (trigger sluice_guard) as its target',
    ],
  },
  'triggers and rules that fire on every write': {
    source: T,
    target: `${T}; CREATE TABLE leafed (id int PRIMARY KEY, note text);
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER always BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
      CREATE TRIGGER ordinary BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
      CREATE TRIGGER sluice_guard BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f('move', '');
      CREATE RULE ruled AS ON DELETE TO t DO INSTEAD NOTHING;
      ALTER TABLE t ENABLE ALWAYS TRIGGER always, ENABLE ALWAYS TRIGGER sluice_guard, ENABLE REPLICA RULE ruled`,
    found: [
      "silent-triggers: target table t: trigger or rule always fires on Sluice's own writes (ENABLE ALWAYS or REPLICA)",
      "silent-triggers: target table t: trigger or rule ruled fires on Sluice's own writes (ENABLE ALWAYS or REPLICA)",
    ],
  },
  'a trigger on one partition': {
    source: T,
    target: `CREATE TABLE t (id int PRIMARY KEY, note text) PARTITION BY LIST (id); CREATE TABLE t1 PARTITION OF t DEFAULT;
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER leafy BEFORE INSERT ON t1 FOR EACH ROW EXECUTE FUNCTION f();
      ALTER TABLE t1 ENABLE REPLICA TRIGGER leafy`,
    found: [
      "silent-triggers: target table t: trigger or rule leafy fires on Sluice's own writes (ENABLE ALWAYS or REPLICA)",
    ],
  },
  'row security': {
    source: `${T}; INSERT INTO t VALUES (1); ALTER TABLE t ENABLE ROW LEVEL SECURITY`,
    target: `${T}; ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
    found: [
      'row-security: source table t: row security is enabled, and the worker does not bypass it',
      'row-security: source table t: row security is enabled, and the verifier does not bypass it',
      'row-security: target table t: row security is enabled, and the worker does not bypass it',
      'row-security: target table t: row security is enabled, and the verifier does not bypass it',
    ],
  },
  'foreign keys to and from unmapped tables': {
    source: `CREATE TABLE parent (id int PRIMARY KEY); ${T};
      ALTER TABLE t ADD parent int CONSTRAINT up REFERENCES parent, ADD self int CONSTRAINT self REFERENCES t;
      CREATE TABLE child (id int CONSTRAINT down REFERENCES t)`,
    found: [
      'foreign-keys: source table t: foreign key up references "parent", which is not mapped',
      'foreign-keys: source table t: foreign key down belongs to "child", which is not mapped',
      'foreign-keys: target table t: foreign key up references "parent", which is not mapped',
      'foreign-keys: target table t: foreign key down belongs to "child", which is not mapped',
    ],
  },
  'missing grants': {
    source: T,
    sourceAfter:
      'REVOKE SELECT ON {case}.t FROM sluice_worker; REVOKE USAGE ON SCHEMA {case} FROM sluice_worker',
    targetAfter: 'REVOKE INSERT, DELETE ON {case}.t FROM sluice_worker',
    found: [
      'grants: source table t: worker sluice_worker may not use schema {case}',
      'grants: source table t: worker sluice_worker lacks SELECT',
      'grants: target table t: worker sluice_worker lacks INSERT, DELETE',
    ],
  },
  "an owner login without the rights of the table's owner": {
    source: T,
    sourceAfter: 'ALTER TABLE {case}.t OWNER TO postgres',
    found: [
      'owner-acts-for-tables: source table t: login sluice_owner does not have the rights of its owner postgres',
    ],
  },
  'a sequence with another owner': {
    source: `CREATE TABLE t (id serial PRIMARY KEY, note text)`,
    target: `CREATE SEQUENCE shared; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('shared'), note text)`,
    targetAfter: 'ALTER SEQUENCE {case}.shared OWNER TO postgres',
    found: [
      'owner-acts-for-tables: target table t, column id: login sluice_owner may not read and set sequence shared',
    ],
  },
  'a control that reads, and a verifier that reads nothing or writes': {
    source: 'CREATE TABLE t (id int PRIMARY KEY)',
    sourceAfter:
      'GRANT SELECT, TRUNCATE ON {case}.t TO sluice_control; REVOKE SELECT ON {case}.t FROM sluice_verifier',
    targetAfter: `GRANT UPDATE ON {case}.t TO sluice_verifier; CREATE ROLE writers_{case};
      GRANT INSERT ON {case}.t TO writers_{case}; GRANT writers_{case} TO sluice_control`,
    found: [
      'grants: source table t: verifier sluice_verifier lacks SELECT',
      'grants: source table t: control sluice_control has SELECT, TRUNCATE, which it must not have',
      'grants: target table t: control sluice_control has INSERT, which it must not have',
      'grants: target table t: verifier sluice_verifier has UPDATE, which it must not have',
    ],
  },
  'a right that every login has': {
    source: 'CREATE TABLE t (id int PRIMARY KEY)',
    sourceAfter: 'GRANT SELECT ON {case}.t TO PUBLIC',
    found: [],
  },
  'a worker that owns a table': {
    source: T,
    sourceAfter: 'ALTER TABLE {case}.t OWNER TO sluice_worker',
    found: [
      'own-nothing: source table t: worker sluice_worker is the owner, sluice_worker, or a member of that role',
      'owner-acts-for-tables: source table t: login sluice_owner does not have the rights of its owner sluice_worker',
    ],
  },
  'a worker that is a member of the owner without INHERIT': {
    source: T,
    sourceAfter: `CREATE ROLE team_{case}; GRANT team_{case} TO sluice_owner; GRANT team_{case} TO sluice_worker WITH INHERIT FALSE;
      ALTER TABLE {case}.t OWNER TO team_{case}; GRANT SELECT ON {case}.t TO sluice_worker`,
    found: [
      'own-nothing: source table t: worker sluice_worker is the owner, team_{case}, or a member of that role',
    ],
  },
  'a sequence that only the target has': {
    source: T,
    target: 'CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, note text)',
    found: [
      'sequences: target table t, column id: its default uses sequence t_id_seq, but source column id uses none: the sequence would start below existing keys',
    ],
  },
};

test.each(Object.entries(CASES))('%s', async (_, { found, ...input }) => {
  expect(brief(await stage.problems(input))).toEqual(found);
});
