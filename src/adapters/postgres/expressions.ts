import type { ColumnDescription } from '../../core/catalog';
import type { Mapping } from '../../core/definition/definition';
import { parseTableName } from '../../core/identifier';
import { expressionsOf, type ExpressionTypes } from '../../core/layout';
import type { ExpressionFacts, ProjectionFacts } from '../../core/preflight';
import { checkRowFunction, type Texts } from '../../core/definition/projection';
import { describeTables } from './catalog';
import type { Database } from './database';
import { SQL_STATES } from './sql-states';
import { StatementRefused } from './statement-refused';
import { CREATE_TRY, TEMPORARY_SCHEMA, TRY } from './sql/statements';
import { createIndexSql } from './sql/expression/create-index';
import { createRowSql } from './sql/expression/create-row';
import { createViewSql } from './sql/expression/create-view';
import { readSampleSql } from './sql/expression/read-sample';
import { spellOutSql } from './sql/expression/spell-out';
import { trySampleSql } from './sql/expression/try-sample';

type Queryable = Pick<Database, 'query'>;

/** An expression of a mapping: a target column's, or the filter. */
interface Asked {
  readonly mapping: Mapping;
  readonly table: number;
  /** Null: the filter. */
  readonly column: string | null;
  readonly sql: string;
  readonly view: string;
}

interface Refusal {
  readonly sqlState: string;
  readonly message: string;
}

/** SQLSTATE of an index on what is not immutable (invalid_object_definition). */

/**
 * What the values of every expression are, by target table and target column. Changes nothing.
 * @throws StatementRefused if the source does not understand one; preflight has named it before
 */
export async function describeExpressions(
  source: Database,
  mappings: readonly Mapping[],
): Promise<ReadonlyMap<string, ExpressionTypes>> {
  const asked = expressionsIn(mappings).filter(({ column }) => column !== null);
  if (asked.length === 0) return new Map();
  const values = await source.rehearse(async (database) => {
    await database.query(CREATE_TRY);
    for (const each of asked) {
      const refusal = await tryView(database, each);
      if (refusal) throw new StatementRefused(refusal.message, refusal.sqlState, null);
    }
    return valuesOf(database, asked);
  });
  return new Map(
    mappings.map(({ target }) => [
      target,
      new Map(
        asked.flatMap((each) => {
          const value = values.get(each.view);
          return each.mapping.target === target && value ? [[each.column!, value]] : [];
        }),
      ),
    ]),
  );
}

/** Everything that preflight asks about the expressions, filters and row functions of these mappings, by target table. */
export async function projectionFacts(
  source: Database,
  mappings: readonly Mapping[],
): Promise<ReadonlyMap<string, ProjectionFacts>> {
  const asked = expressionsIn(mappings);
  const answers = asked.length === 0 ? new Map<string, ExpressionFacts>() : await judge(source, asked);
  const facts = new Map<string, ProjectionFacts>();
  for (const mapping of mappings) {
    const own = asked.filter((each) => each.mapping === mapping);
    const filter = own.find(({ column }) => column === null);
    for (const [view, refusal] of await spellOut(source, own, answers))
      answers.set(view, { value: null, refusal });
    facts.set(mapping.target, {
      expressions: new Map(
        own.flatMap(({ column, view }) => (column === null ? [] : [[column, answers.get(view)!]])),
      ),
      filter: filter ? answers.get(filter.view)! : null,
      rowFunction: await tryRowFunction(source, mapping),
    });
  }
  return facts;
}

const expressionsIn = (mappings: readonly Mapping[]): Asked[] =>
  mappings
    .flatMap((mapping, table) => [
      ...[...expressionsOf(mapping)].map(([column, sql]) => ({ mapping, table, column, sql })),
      ...(mapping.where === undefined ? [] : [{ mapping, table, column: null, sql: mapping.where }]),
    ])
    .map((each, index) => ({ ...each, view: `sluice_value_${index}` }));

/** By view. */
const judge = (source: Database, asked: readonly Asked[]): Promise<Map<string, ExpressionFacts>> =>
  source.rehearse(async (database) => {
    await database.query(CREATE_TRY);
    for (const table of new Set(asked.map((each) => each.table))) {
      const { mapping } = asked.find((each) => each.table === table)!;
      await database.query(createRowSql(nameOf(mapping), rowOf(table)));
    }
    const refusals = new Map<string, ExpressionFacts['refusal']>();
    for (const each of asked) refusals.set(each.view, await refusalOf(database, each));
    const values = await valuesOf(
      database,
      asked.filter(({ view }) => refusals.get(view)?.kind !== 'not understood'),
    );
    for (const table of new Set(asked.map((each) => each.table))) {
      const sound = asked.filter((each) => each.table === table && refusals.get(each.view) === null);
      for (const [view, refusal] of await trySample(database, sound, values)) refusals.set(view, refusal);
    }
    return new Map(
      asked.map(({ view }) => [view, { value: values.get(view) ?? null, refusal: refusals.get(view)! }]),
    );
  });

async function refusalOf(database: Queryable, asked: Asked): Promise<ExpressionFacts['refusal']> {
  const misunderstood = await tryView(database, asked);
  if (misunderstood) return { kind: 'not understood', ...misunderstood };
  const changing = await tried(database, createIndexSql(rowOf(asked.table), asked.sql));
  if (changing?.sqlState === SQL_STATES.INVALID_OBJECT_DEFINITION) return { kind: 'not immutable' };
  return changing && { kind: 'not understood', ...changing };
}

/**
 * Evaluates the expressions of one table for rows that its filter lets through: the filter first, since where it fails, or
 * is none, nobody knows which rows are meant.
 */
async function trySample(
  database: Queryable,
  expressions: readonly Asked[],
  values: ReadonlyMap<string, ColumnDescription>,
): Promise<Map<string, NonNullable<ExpressionFacts['refusal']>>> {
  const found = new Map<string, NonNullable<ExpressionFacts['refusal']>>();
  const failing = async ({ mapping, sql, view }: Asked, where: string | null): Promise<boolean> => {
    const refusal = await tried(database, trySampleSql(nameOf(mapping), computed(sql), where));
    if (refusal) found.set(view, { kind: 'fails for rows', sqlState: refusal.sqlState });
    return refusal !== null;
  };
  const filter = expressions.find(({ column }) => column === null);
  const where = expressions[0]?.mapping.where ?? null;
  const known = where === null || (filter && values.get(filter.view)?.baseType === 'boolean');
  if (!known || (filter && (await failing(filter, null)))) return found;
  for (const each of expressions) if (each.column !== null) await failing(each, where);
  return found;
}

/**
 * Sends what the database understands once more, in the text of a statement: until here it travelled as a parameter, and the
 * service may read texts otherwise than the database. All at once, and one by one where that is refused.
 */
async function spellOut(
  source: Queryable,
  asked: readonly Asked[],
  answers: ReadonlyMap<string, ExpressionFacts>,
): Promise<Map<string, NonNullable<ExpressionFacts['refusal']>>> {
  const sound = asked.filter(({ view }) => answers.get(view)?.refusal === null);
  const refused = async (some: readonly Asked[]): Promise<Refusal | null> => {
    try {
      await source.query(
        spellOutSql(
          nameOf(some[0]!.mapping),
          some.map(({ sql }) => computed(sql)),
        ),
      );
      return null;
    } catch (error) {
      if (error instanceof StatementRefused)
        return { sqlState: error.sqlState ?? 'unknown', message: error.message };
      if (error instanceof Error && '$fault' in error) return { sqlState: 'none', message: error.message };
      throw error;
    }
  };
  const found = new Map<string, NonNullable<ExpressionFacts['refusal']>>();
  if (sound.length === 0 || (await refused(sound)) === null) return found;
  for (const each of sound) {
    const refusal = await refused([each]);
    if (refusal) found.set(each.view, { kind: 'not understood', ...refusal });
  }
  return found;
}

const tryView = (database: Queryable, { mapping, view, sql }: Asked): Promise<Refusal | null> =>
  tried(database, createViewSql(nameOf(mapping), view, computed(sql)));

async function tried(database: Queryable, statement: string): Promise<Refusal | null> {
  const [row] = await database.query(TRY, { statement });
  return row?.refusal ? (JSON.parse(String(row.refusal)) as Refusal) : null;
}

async function valuesOf(
  database: Queryable,
  asked: readonly Asked[],
): Promise<Map<string, ColumnDescription>> {
  if (asked.length === 0) return new Map();
  const [row] = await database.query(TEMPORARY_SCHEMA);
  const views = asked.map(({ view }) => ({ schema: String(row!.name), name: view }));
  const described = await describeTables(database, views);
  return new Map(asked.map(({ view }, index) => [view, described[index]!.columns[0]!]));
}

/** Only the source's rows can show what a function does to them; whatever keeps them from being read is found elsewhere. */
async function tryRowFunction(source: Database, mapping: Mapping): Promise<string | null> {
  const { rowFunction, where = null, target } = mapping;
  if (!rowFunction) return null;
  try {
    const reads = { from: target, expression: null, reads: rowFunction.reads };
    const rows = await source.query(readSampleSql(nameOf(mapping), reads, where));
    return checkRowFunction(
      target,
      rowFunction,
      rows.map(({ texts }) => JSON.parse(String(texts)) as Texts),
    );
  } catch (error) {
    if (error instanceof StatementRefused) return null;
    throw error;
  }
}

const rowOf = (table: number): string => `sluice_row_${table}`;
const computed = (sql: string) => ({ from: '', expression: sql });
const nameOf = ({ source }: Mapping) => parseTableName(source)!;
