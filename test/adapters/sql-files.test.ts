/** PostgreSQL's own parser accepts every .sql file and every statement that is built per table. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadModule, parseSync, parsePlPgSQLSync } from '@libpg-query/parser';
import { hasRowsSql } from '../../src/adapters/postgres/sql/catalog/has-rows';
import { SLUICE_STATES } from '../../src/adapters/postgres/sql-states';
import { installStatements } from '../../src/adapters/postgres/install';
import { versioned } from '../../src/adapters/postgres/installed-version';
import { OLDER_VERSION_INSTALLED } from '../../src/adapters/postgres/installed';
import * as statements from '../../src/adapters/postgres/sql/statements';
import { statement } from '../../src/adapters/postgres/sql/statement';
import { statementsOn } from '../../src/adapters/postgres/statement-sizes';
import { shapeNames } from '../../src/contract/lifecycle';
import { SIDES } from '../../src/contract/sides';
import { SAMPLE_LAYOUT } from '../support/sample-layout';
import { PINNED_SETTINGS, PINNED_TARGET_SETTINGS } from '../../src/core/settings';
import { trackedFiles } from '../tidy/files';
import { LOGIN_NAMES } from '../support/side';

const POSTGRES = join(__dirname, '..', '..', 'src', 'adapters', 'postgres');
const filesIn = (folder: string): string[] =>
  readdirSync(join(POSTGRES, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sql'))
    .map((path) => join(folder, path))
    .sort();
const textOf = (path: string): string => readFileSync(join(POSTGRES, path), 'utf8');
const installed = filesIn('install');
const fixed = filesIn('sql');

beforeAll(() => loadModule());

/** Replaces the Data API's parameters, `:name`, with PostgreSQL's, `$1`. */
const positional = (sql: string): string => {
  let parameters = 0;
  return sql.replace(/(?<![:\w\]]):[A-Za-z]\w*/g, () => `$${(parameters += 1)}`);
};
/** Declares rows as records: without a catalog, the parser takes a row of one of Sluice's tables for a scalar. */
const withRecords = (sql: string): string => sql.replace(/^(\s+v_\w+) sluice\.\w+;/gm, '$1 record;');

/** Parses a statement. @throws Error unless the statement, and the bodies of its functions and blocks, are valid */
function parse(sql: string): void {
  parseSync(positional(sql));
  if (/LANGUAGE plpgsql|^DO /m.test(sql)) parsePlPgSQLSync(positional(withRecords(sql)));
}

describe('the parser', () => {
  const body = (text: string): string =>
    `CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN ${text} END $f$`;

  test('accepts a valid body', () =>
    expect(() => parse(body('IF true THEN RETURN 1; END IF;'))).not.toThrow());

  test.each([
    ['a misspelled statement', 'selec 1'],
    ['a misspelled keyword of PL/pgSQL', body('IF true THN RETURN 1; END IF;')],
    ['a block without an end', body('IF true THEN RETURN 1;')],
    ['invalid SQL in a body', body('PERFORM FROM WHERE;')],
    ['a variable that is not declared', body('v_rows = 1;')],
  ])('refuses %s', (_what, sql) => expect(() => parse(sql)).toThrow());
});

const everySqlFile = trackedFiles.filter(({ path }) => path.endsWith('.sql'));

test.each(everySqlFile)('$path is valid', ({ text }) => expect(() => parse(text)).not.toThrow());

test('migrations, pages, rehearsals and adapters have .sql files', () => {
  const folders = new Set(everySqlFile.map(({ path }) => path.split('/').slice(0, 2).join('/')));
  for (const folder of ['src/adapters', 'src/rehearsal', 'migrations/orders', 'docs/guide'])
    expect([...folders]).toContain(folder);
});

test('the query for rows in several tables is valid', () => {
  const table = { schema: 'shop', name: 't' };
  expect(() =>
    parse(
      hasRowsSql([
        [0, table],
        [7, table],
      ]),
    ),
  ).not.toThrow();
});

test.each(shapeNames())('every statement built per table is valid, shape %s', (shape) => {
  const built = statementsOn(SAMPLE_LAYOUT, shape);
  expect(built.length).toBeGreaterThan(5);
  const problems = built.flatMap(([does, sql]) => {
    try {
      parse(sql);
      return [];
    } catch (error) {
      return [`${does}: ${String(error)}`];
    }
  });
  expect(problems).toEqual([]);
});

test('the installation is statements that the Data API accepts', () => {
  for (const sql of installStatements(LOGIN_NAMES)) {
    expect(() => parse(sql)).not.toThrow();
    expect(sql.length).toBeLessThan(65_536);
  }
});

test('the installation contains every file of install/', () => {
  // The names that the files have for the logins.
  const names = { control: 'control login', worker: 'worker login', verifier: 'verifier login' };
  const sql = installStatements(names).join('\n');
  expect(installed.filter((path) => !sql.includes(versioned(statement(textOf(path)))))).toEqual([]);
});

test('statements.ts exports every file of sql/', () => {
  const exported: readonly string[] = Object.values(statements);
  expect(fixed.filter((path) => !exported.includes(statement(textOf(path))))).toEqual([]);
  expect(exported).toHaveLength(fixed.length);
});

const functions = installed.filter((path) => textOf(path).includes('CREATE OR REPLACE FUNCTION'));

test.each(functions)('%s holds one function of its own name', (path) => {
  const names = [...textOf(path).matchAll(/CREATE OR REPLACE FUNCTION sluice\.(\w+)/g)].map(
    ([, name]) => name!,
  );
  expect(names.map((name) => name.replaceAll('_', '-'))).toEqual([basename(path, '.sql')]);
});

test('every function that runs with the rights of its owner searches pg_catalog first', () => {
  const definers = functions.filter((path) => textOf(path).includes('SECURITY DEFINER'));
  expect(definers.length).toBeGreaterThan(5);
  expect(definers.filter((path) => !/SET\s+search_path = pg_catalog, pg_temp/.test(textOf(path)))).toEqual(
    [],
  );
});

describe('values that SQL and TypeScript share are equal', () => {
  test('SQLSTATEs of Sluice', () => {
    const codes = everySqlFile.flatMap(({ text }) => text.match(/\bSL\d{3}\b/g) ?? []);
    expect([...new Set(codes)].sort()).toEqual(Object.values(SLUICE_STATES).sort());
  });

  /** Of several values, each is accepted. */
  const LOSSLESS = {
    DateStyle: `current_setting('DateStyle') OPERATOR(pg_catalog.~~) 'ISO, %'`,
    extra_float_digits: `current_setting('extra_float_digits')::pg_catalog.int4 OPERATOR(pg_catalog.>=) 1`,
  };
  const settingsIn = (path: string): [string, string][] =>
    [...textOf(path).matchAll(/current_setting\('(\w+)'\) OPERATOR\(pg_catalog\.=\) '([^']*)'/g)].map(
      ([, name, value]) => [name!, value!],
    );

  test.each([
    ['source', PINNED_SETTINGS],
    ['target', PINNED_TARGET_SETTINGS],
  ])('pinned settings of a %s session', (side, settings) => {
    const path = `install/session/assert-${side}-session.sql`;
    const withOneValue = Object.entries(settings).filter(([name]) => !(name in LOSSLESS));
    expect(settingsIn(path)).toEqual(withOneValue);
    for (const check of Object.values(LOSSLESS)) expect(textOf(path)).toContain(check);
  });

  test('settings that are described', () => {
    const [, list = ''] =
      /FROM \(VALUES (.*)\) AS s\(name\)/.exec(textOf('sql/catalog/describe-server.sql')) ?? [];
    expect([...list.matchAll(/\('(\w+)'\)/g)].map(([, name]) => name)).toEqual(
      Object.keys(PINNED_TARGET_SETTINGS),
    );
  });

  test('settings under which a function reads or writes texts', () => {
    const set = functions.flatMap((path) =>
      [
        ...textOf(path).matchAll(
          /SET (DateStyle|TimeZone|IntervalStyle|extra_float_digits|bytea_output|lc_monetary) = '+([^']*)'+/g,
        ),
      ].map(([, name, value]) => [path, name, value]),
    );
    expect(set.length).toBeGreaterThanOrEqual(12);
    for (const [path, name, value] of set)
      expect([path, name, value]).toEqual([path, name, PINNED_SETTINGS[name!]]);
  });

  test('sides', () => {
    const tables = installed.filter((path) => /\bside text\b/.test(textOf(path)));
    expect(tables).toHaveLength(4);
    for (const path of tables) expect(textOf(path)).toContain(`CHECK (side IN ('${SIDES.join("', '")}'))`);
  });

  test('the refusal of an older version', () => {
    expect(textOf('install/refuse-older-version.sql')).toContain(`'${OLDER_VERSION_INSTALLED}'`);
  });

  test('the lock that serializes installations', () => {
    const keys = installed.flatMap((path) =>
      [...textOf(path).matchAll(/pg_advisory_xact_lock\((\d+)\)/g)].map(([, key]) => key),
    );
    expect(keys.length).toBeGreaterThan(2);
    expect(new Set(keys).size).toBe(1);
  });
});
