import { brief, Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

/** A column of every kind of type that Sluice moves. */
const EVERY_TYPE = `
  CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
  CREATE TYPE pair AS (left_side int, right_side text, at timestamp(3));
  CREATE TYPE span AS RANGE (subtype = numeric);
  CREATE DOMAIN price AS numeric(12,2) CHECK (VALUE >= 0);
  CREATE DOMAIN sale_price AS price NOT NULL DEFAULT 0;
  CREATE TABLE t (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    a_bool bool, a_int2 smallint, a_int4 int, a_int8 bigint, a_numeric numeric, b_numeric numeric(10,-2),
    a_float4 real, a_float8 double precision, a_money money, a_text text, a_varchar varchar(20), a_bpchar char(5),
    a_name name, a_char "char", a_bytea bytea, a_date date, a_time time(3), a_timetz timetz, a_timestamp timestamp(0),
    a_timestamptz timestamptz, a_interval interval day to second(3), a_uuid uuid, a_json json, a_jsonb jsonb, a_xml xml,
    a_bit bit(5), a_varbit varbit(7), a_inet inet, a_cidr cidr, a_macaddr macaddr, a_macaddr8 macaddr8, a_point point,
    a_box box, a_polygon polygon, a_tsvector tsvector, a_tsquery tsquery, a_lsn pg_lsn, a_oid oid,
    a_mood mood, a_pair pair, a_span span, a_range int4range, a_multirange datemultirange, a_price price,
    b_price sale_price, array_int int[], array_text varchar(9)[][], array_mood mood[], array_price price[],
    array_pair pair[], array_box box[], "Odd "" name" text COLLATE "C",
    doubled int GENERATED ALWAYS AS (a_int4 * 2) STORED, "virtual" int GENERATED ALWAYS AS (a_int4 + 1)
  )`;

test('a correct definition with every type has no problems', async () => {
  expect(brief(await stage.problems({ source: EVERY_TYPE }))).toEqual([]);
});

test('tables of the schema files are checked without being created', async () => {
  const input = {
    source: EVERY_TYPE,
    files: {
      'one.sql': `SET search_path = {case}; ${EVERY_TYPE}; -- a:comment`,
      'two.sql': `CREATE INDEX ON {case}.t (a_int4); ALTER TABLE {case}.t OWNER TO app_owner; COMMENT ON TABLE {case}.t IS ':a'`,
    },
    targetAfter: 'GRANT ALL ON SCHEMA {case} TO sluice_owner',
  };
  const facts = await stage.facts(input);
  expect(facts.schema).toEqual({ existing: [], outcome: 'rehearsed', failure: null });
  expect(facts.target.logins.owner.tables.get(`${stage.schema}.t`)?.indexes).toHaveLength(2);
  const again = await stage.gather({ ...input, files: { 'none.sql': 'SELECT 1' } });
  expect(again.target.logins.owner.tables.get(`${stage.schema}.t`)).toBeNull();
});

test('partitioned tables, composite keys, renamed and omitted columns, and foreign keys among mapped tables are accepted', async () => {
  const problems = await stage.problems({
    source: `
      CREATE TABLE parents (tenant int, id uuid, old_note text, gone text, PRIMARY KEY (tenant, id)) PARTITION BY LIST (tenant);
      CREATE TABLE parents_1 PARTITION OF parents FOR VALUES IN (1);
      CREATE TABLE children (id int, at timestamptz NOT NULL, tenant int, parent uuid, UNIQUE (id), CHECK (id > 0),
        FOREIGN KEY (tenant, parent) REFERENCES parents);
      ALTER TABLE children ALTER id SET NOT NULL;
      CREATE INDEX ON children (at)`,
    target: `
      CREATE TABLE parents (tenant bigint, id uuid, note varchar, extra int NOT NULL DEFAULT 1, PRIMARY KEY (tenant, id));
      CREATE TABLE children (id bigint, at timestamptz NOT NULL, tenant bigint, parent uuid, PRIMARY KEY (id),
        FOREIGN KEY (tenant, parent) REFERENCES parents) PARTITION BY RANGE (id);
      CREATE INDEX ON children (at, id)`,
    tables: [
      { source: 'parents', target: 'parents', columns: { note: 'old_note' }, omit: ['gone'] },
      { source: 'children', target: 'children', key: ['id'], chunking: { by: 'at' } },
    ],
  });
  expect(brief(problems)).toEqual([]);
});
