import { brief, Stage, type Case } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

const NO_INDEX = 'it has no usable unique index on exactly';
const UNORDERED = 'chunks are read in the order of this column, but no usable index starts with it';

const MOODS = `CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (id mood PRIMARY KEY, m mood, list mood[]);
  CREATE FUNCTION parse(text) RETURNS mood LANGUAGE sql AS $f$ SELECT 'sad'::{case}.mood $f$;
  CREATE FUNCTION parse_list(text) RETURNS mood[] LANGUAGE sql AS $f$ SELECT '{}'::{case}.mood[] $f$`;

const CASES: Record<string, Case & { found: string[] }> = {
  'no primary key': {
    source: 'CREATE TABLE t (id int NOT NULL UNIQUE)',
    found: ['usable-key: source table t: the table has no primary key'],
  },
  'functions that compute values from text': {
    source: `${MOODS}; CREATE CAST (text AS mood) WITH FUNCTION parse(text)`,
    target: `${MOODS}; CREATE CAST (text AS mood[]) WITH FUNCTION parse_list(text)`,
    found: [
      `text-casts: source table t, column id: CAST (text AS mood) calls function parse, so a value's text may not restore the value`,
      ...['id', 'm', 'list'].map(
        (column) =>
          `text-casts: target table t, column ${column}: CAST (text AS mood[]) calls function parse_list, so a value's text may not restore the value`,
      ),
    ],
  },
  'casts by the input function, and casts to text': {
    source: `${MOODS}; CREATE CAST (text AS mood) WITH INOUT AS IMPLICIT; CREATE CAST (varchar AS mood) WITH INOUT AS IMPLICIT;
      CREATE FUNCTION shown(mood) RETURNS text LANGUAGE sql AS $f$ SELECT 'x' $f$;
      CREATE CAST (mood AS text) WITH FUNCTION shown(mood) AS ASSIGNMENT`,
    found: [],
  },
  'a key with an implicit cast': {
    source: `${MOODS}; CREATE CAST (mood AS text) WITH INOUT AS IMPLICIT`,
    found: ['source', 'target'].map(
      (side) =>
        `text-casts: ${side} table t, column id: it is part of the key, and CAST (mood AS text) is implicit, so operators on it are ambiguous`,
    ),
  },
  'a unique index on more columns, and on fewer': {
    source: 'CREATE TABLE t (a int NOT NULL, b int NOT NULL, c int NOT NULL, UNIQUE (a), UNIQUE (a, b, c))',
    mapping: { key: ['a', 'b'] },
    found: [
      `usable-key: source table t: ${NO_INDEX} (a, b)`,
      `usable-key: target table t: ${NO_INDEX} (a, b)`,
    ],
  },
  'a key in a different order from the index': {
    source: 'CREATE TABLE t (a int, b int, PRIMARY KEY (a, b))',
    target: 'CREATE TABLE t (a int, b int, PRIMARY KEY (b, a))',
    mapping: { key: ['b', 'a'] },
    found: [`chunk-order: source table t, column b: ${UNORDERED}`],
  },
  'a partial index, an expression, a plain index': {
    source: `CREATE TABLE t (id int NOT NULL, note text); CREATE UNIQUE INDEX part ON t (id) WHERE id > 0;
      CREATE UNIQUE INDEX ON t ((id + 1))`,
    target: 'CREATE TABLE t (id int NOT NULL, note text); CREATE INDEX ON t (id)',
    mapping: { key: ['id'] },
    found: [
      `usable-key: source table t: ${NO_INDEX} (id); part is partial`,
      `usable-key: target table t: ${NO_INDEX} (id)`,
      `chunk-order: source table t, column id: ${UNORDERED}`,
    ],
  },
  'a deferrable key, and an invalid index': {
    source: 'CREATE TABLE t (id int CONSTRAINT late PRIMARY KEY DEFERRABLE)',
    target: 'CREATE TABLE t (id int NOT NULL); CREATE UNIQUE INDEX broken ON t (id)',
    targetAfter: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{case}.broken'::regclass",
    found: [
      `usable-key: source table t: ${NO_INDEX} (id); late is invalid, deferrable, or sorted differently from its columns`,
      `usable-key: target table t: ${NO_INDEX} (id); broken is invalid, deferrable, or sorted differently from its columns`,
      `chunk-order: source table t, column id: ${UNORDERED}`,
      `chunk-order: target table t, column id: ${UNORDERED}`,
    ],
  },
  'an index sorted differently from its column': {
    source: `CREATE TABLE t (id text NOT NULL, b int NOT NULL); CREATE UNIQUE INDEX pattern ON t (id text_pattern_ops, b)`,
    target: `CREATE TABLE t (id text NOT NULL, b int NOT NULL); CREATE UNIQUE INDEX mixed ON t (id, b DESC)`,
    mapping: { key: ['id', 'b'] },
    found: [
      `usable-key: source table t: ${NO_INDEX} (id, b); pattern is invalid, deferrable, or sorted differently from its columns`,
      `usable-key: target table t: ${NO_INDEX} (id, b); mixed is invalid, deferrable, or sorted differently from its columns`,
      `chunk-order: source table t, column id: ${UNORDERED}`,
      `chunk-order: target table t, column id: ${UNORDERED}`,
    ],
  },
  'an index with a different collation from its column': {
    source: `CREATE TABLE t (id text NOT NULL); CREATE UNIQUE INDEX german ON t (id COLLATE "POSIX")`,
    target: `CREATE TABLE t (id text NOT NULL PRIMARY KEY)`,
    mapping: { key: ['id'] },
    found: [
      `usable-key: source table t: ${NO_INDEX} (id); german is invalid, deferrable, or sorted differently from its columns`,
      `chunk-order: source table t, column id: ${UNORDERED}`,
    ],
  },
  'a nullable key, also with a NOT VALID constraint': {
    source: 'CREATE TABLE t (id int UNIQUE)',
    target: 'CREATE TABLE t (id int UNIQUE); ALTER TABLE t ADD CONSTRAINT n NOT NULL id NOT VALID',
    mapping: { key: ['id'] },
    found: [
      'usable-key: source table t, column id: it is part of the key, but may be NULL',
      'usable-key: target table t, column id: it is part of the key, but may be NULL',
    ],
  },
  'floats, also as a domain': {
    source: `CREATE DOMAIN weight AS float4; CREATE TABLE t (a float8, b weight, PRIMARY KEY (a, b))`,
    found: ['source', 'target'].flatMap((side) => [
      `key-types: ${side} table t, column a: it orders the chunks, but double precision values do not compare exactly`,
      `key-types: ${side} table t, column b: it orders the chunks, but weight values do not compare exactly`,
    ]),
  },
  'a nondeterministic collation': {
    source: `CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE t (id text COLLATE loose PRIMARY KEY)`,
    found: ['source', 'target'].map(
      (side) =>
        `key-types: ${side} table t, column id: it orders the chunks, but collation loose is nondeterministic`,
    ),
  },
  'arrays, composites and jsonb': {
    source: `CREATE TYPE pair AS (x int); CREATE TABLE t (a int[], b pair, c jsonb, PRIMARY KEY (a, b, c))`,
    target: 'CREATE TABLE other (id int)',
    found: [
      'table-exists: target table t: the table does not exist in database app',
      'key-types: source table t, column a: it orders the chunks, but integer[] consists of several values',
      'key-types: source table t, column b: it orders the chunks, but pair consists of several values',
      "key-types: source table t, column c: it orders the chunks, but the order of jsonb depends on the database's collation",
    ],
  },
  'types without an order': {
    source: 'CREATE TABLE t (id int PRIMARY KEY, place point NOT NULL, doc xml NOT NULL, raw json NOT NULL)',
    mapping: { chunking: { by: 'place' } },
    found: expect.arrayContaining([
      'key-types: source table t, column place: it orders the chunks, but point has no order',
    ]) as string[],
  },
  'names of objects, and types of extensions': {
    source: `CREATE TABLE t (a regclass, b public.citext, PRIMARY KEY (a, b))`,
    target: 'CREATE TABLE other (id int)',
    found: [
      'table-exists: target table t: the table does not exist in database app',
      'key-types: source table t, column a: it orders the chunks, but a value of regclass refers to an object of its own database',
      'key-types: source table t, column b: it orders the chunks, but an extension defines the order of public.citext',
    ],
  },
  'the one-byte type of the catalogs': {
    source: 'CREATE TABLE t (id "char" PRIMARY KEY)',
    found: ['source', 'target'].map(
      (side) =>
        `key-types: ${side} table t, column id: it orders the chunks, but "char" is a type of PostgreSQL's own catalogs, which Sluice does not order`,
    ),
  },
  'integers of different widths and text as varchar': {
    source: 'CREATE TABLE t (a int2, b varchar(9), c text COLLATE "C", PRIMARY KEY (a, b, c))',
    target: 'CREATE TABLE t (a int8, b text, c text COLLATE "POSIX", PRIMARY KEY (a, b, c))',
    found: [],
  },
  'different types and collations': {
    source: `CREATE TABLE t (a int, b date, c text, d text COLLATE "C", PRIMARY KEY (a, b, c, d))`,
    target: `CREATE TABLE t (a numeric, b timestamp, c text COLLATE "und-x-icu", d text COLLATE ucs_basic, PRIMARY KEY (a, b, c, d))`,
    found: [
      'key-order: target table t, column a: it orders the chunks differently from source column a: numeric is not integer',
      'key-order: target table t, column b: it orders the chunks differently from source column b: timestamp without time zone is not date',
      expect.stringMatching(
        /^key-order: target table t, column c: .*: collation und-x-icu \(icu .+\) is not C\.UTF-8 \(builtin 1\)$/,
      ) as string,
      'column-types: target table t, column b: timestamp without time zone cannot hold every date of source column b unchanged: the types differ',
    ],
  },
  'an enum in a different order': {
    source: `CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (id mood PRIMARY KEY)`,
    target: `CREATE TYPE mood AS ENUM ('b', 'a'); CREATE TABLE t (id mood PRIMARY KEY)`,
    found: [
      'key-order: target table t, column id: it orders the chunks differently from source column id: the labels of the enums are in different orders',
    ],
  },
  'an enum with labels between': {
    source: `CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (id mood PRIMARY KEY)`,
    target: `CREATE TYPE mood AS ENUM ('a', 'between', 'b'); CREATE TABLE t (id mood PRIMARY KEY)`,
    found: [],
  },
  'chunking by a nullable column without an index': {
    source: 'CREATE TABLE t (id int PRIMARY KEY, at timestamptz)',
    target: 'CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL); CREATE INDEX ON t (id, at)',
    mapping: { chunking: { by: 'at' } },
    found: [
      `chunk-order: source table t, column at: ${UNORDERED}`,
      'chunk-order: source table t, column at: chunking.by names this column, but it may be NULL',
      `chunk-order: target table t, column at: ${UNORDERED}`,
    ],
  },
  'names of columns that do not exist': {
    source: 'CREATE TABLE t (id int PRIMARY KEY, customer int, note text)',
    mapping: {
      key: ['ident'],
      columns: { notes: 'nte' },
      omit: ['custmer'],
      chunking: { by: 'customers' },
    },
    found: [
      'known-columns: source table t, key: column ident does not exist',
      'known-columns: source table t, columns: column nte does not exist',
      'known-columns: source table t, omit: column custmer does not exist',
      'known-columns: source table t, chunking.by: column customers does not exist',
      'known-columns: target table t, columns: column notes does not exist',
      `usable-key: source table t: ${NO_INDEX} (ident)`,
      `usable-key: target table t: ${NO_INDEX} (ident)`,
    ],
  },
  'two columns mapped to one target column': {
    source: 'CREATE TABLE t (id int PRIMARY KEY, a int, b int)',
    mapping: { columns: { a: 'b' } },
    found: ['known-columns: source table t: a and b both go to target column a'],
  },
  'an omitted primary key': {
    source: 'CREATE TABLE t (id int PRIMARY KEY, a int)',
    mapping: { omit: ['id'] },
    found: [
      'known-columns: source table t, omit: id orders the chunks, but is omitted',
      'target-columns: target table t, column id: it is NOT NULL without a default, and the mapping gives it no value',
    ],
  },
};

test.each(Object.entries(CASES))('%s', async (_, { found, ...input }) => {
  await stage.install('citext');
  expect(brief(await stage.problems(input))).toEqual(found);
});

test('the nearest column name is suggested', async () => {
  const [problem] = await stage.problems({
    source: 'CREATE TABLE t (id int PRIMARY KEY, customer int, custom int)',
    mapping: { omit: ['custmer'] },
  });
  expect(problem?.remedy).toBe('Correct the name; did you mean customer?');
});

test('a table without a primary key gets a fitting unique index suggested', async () => {
  const remedyOf = async (source: string) => (await stage.problems({ source }))[0]?.remedy;
  const table = 'CREATE TABLE t (a int NOT NULL, b text NOT NULL, c int UNIQUE, d int NOT NULL)';
  const none = 'Name the columns of a unique, not-null key in key, or add a primary key';
  expect(await remedyOf(`${table}; CREATE UNIQUE INDEX ON t (d) WHERE d > 0`)).toBe(none);
  expect(
    await remedyOf(`${table}; CREATE UNIQUE INDEX ON t (b, a); CREATE UNIQUE INDEX ON t (d, (a + 1))`),
  ).toBe('Set key: ["b","a"], which has a unique index and is never NULL');
});
