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

/** An expression of a mapping: that of a target column, or the filter. */
interface MappedExpression {
  readonly mapping: Mapping;
  readonly table: number;
  /** Null for the filter. */
  readonly column: string | null;
  readonly sql: string;
  readonly view: string;
}

interface Refusal {
  readonly sqlState: string;
  readonly message: string;
}

/**
 * Describes the value of every expression, by target table and target column. Changes nothing.
 * @throws StatementRefused if the source refuses an expression; preflight reports it earlier
 */
export async function describeExpressions(
  source: Database,
  mappings: readonly Mapping[],
): Promise<ReadonlyMap<string, ExpressionTypes>> {
  const expressions = expressionsIn(mappings).filter(({ column }) => column !== null);
  if (expressions.length === 0) return new Map();
  const values = await source.rehearse(async (database) => {
    await database.query(CREATE_TRY);
    for (const each of expressions) {
      const refusal = await tryView(database, each);
      if (refusal) throw new StatementRefused(refusal.message, refusal.sqlState, null);
    }
    return valuesOf(database, expressions);
  });
  return new Map(
    mappings.map(({ target }) => [
      target,
      new Map(
        expressions.flatMap((each) => {
          const value = values.get(each.view);
          return each.mapping.target === target && value ? [[each.column!, value]] : [];
        }),
      ),
    ]),
  );
}

/** Gathers the facts of preflight about expressions, filters and row functions of these mappings, by target table. */
export async function projectionFacts(
  source: Database,
  mappings: readonly Mapping[],
): Promise<ReadonlyMap<string, ProjectionFacts>> {
  const expressions = expressionsIn(mappings);
  const byView =
    expressions.length === 0 ? new Map<string, ExpressionFacts>() : await examine(source, expressions);
  const facts = new Map<string, ProjectionFacts>();
  for (const mapping of mappings) {
    const own = expressions.filter((each) => each.mapping === mapping);
    const filter = own.find(({ column }) => column === null);
    for (const [view, refusal] of await spellOut(source, own, byView))
      byView.set(view, { value: null, refusal });
    facts.set(mapping.target, {
      expressions: new Map(
        own.flatMap(({ column, view }) => (column === null ? [] : [[column, byView.get(view)!]])),
      ),
      filter: filter ? byView.get(filter.view)! : null,
      rowFunction: await tryRowFunction(source, mapping),
    });
  }
  return facts;
}

const expressionsIn = (mappings: readonly Mapping[]): MappedExpression[] =>
  mappings
    .flatMap((mapping, table) => [
      ...[...expressionsOf(mapping)].map(([column, sql]) => ({ mapping, table, column, sql })),
      ...(mapping.where === undefined ? [] : [{ mapping, table, column: null, sql: mapping.where }]),
    ])
    .map((each, index) => ({ ...each, view: `sluice_value_${index}` }));

/** Examines expressions with temporary objects, in a transaction that is rolled back. Facts are by view. */
const examine = (
  source: Database,
  expressions: readonly MappedExpression[],
): Promise<Map<string, ExpressionFacts>> =>
  source.rehearse(async (database) => {
    await database.query(CREATE_TRY);
    for (const table of new Set(expressions.map((each) => each.table))) {
      const { mapping } = expressions.find((each) => each.table === table)!;
      await database.query(createRowSql(nameOf(mapping), rowOf(table)));
    }
    const refusals = new Map<string, ExpressionFacts['refusal']>();
    for (const each of expressions) refusals.set(each.view, await refusalOf(database, each));
    const values = await valuesOf(
      database,
      expressions.filter(({ view }) => refusals.get(view)?.kind !== 'not understood'),
    );
    for (const table of new Set(expressions.map((each) => each.table))) {
      const valid = expressions.filter((each) => each.table === table && refusals.get(each.view) === null);
      for (const [view, refusal] of await trySample(database, valid, values)) refusals.set(view, refusal);
    }
    return new Map(
      expressions.map(({ view }) => [
        view,
        { value: values.get(view) ?? null, refusal: refusals.get(view)! },
      ]),
    );
  });

async function refusalOf(
  database: Queryable,
  expression: MappedExpression,
): Promise<ExpressionFacts['refusal']> {
  const viewRefusal = await tryView(database, expression);
  if (viewRefusal) return { kind: 'not understood', ...viewRefusal };
  const indexRefusal = await tryStatement(database, createIndexSql(rowOf(expression.table), expression.sql));
  if (indexRefusal?.sqlState === SQL_STATES.INVALID_OBJECT_DEFINITION) return { kind: 'not immutable' };
  return indexRefusal && { kind: 'not understood', ...indexRefusal };
}

/**
 * Evaluates the expressions of one table for rows that its filter accepts. The filter comes first: if it fails, or is not a
 * condition, the rows to evaluate are unknown.
 */
async function trySample(
  database: Queryable,
  expressions: readonly MappedExpression[],
  values: ReadonlyMap<string, ColumnDescription>,
): Promise<Map<string, NonNullable<ExpressionFacts['refusal']>>> {
  const found = new Map<string, NonNullable<ExpressionFacts['refusal']>>();
  const failing = async (
    { mapping, sql, view }: MappedExpression,
    where: string | null,
  ): Promise<boolean> => {
    const refusal = await tryStatement(database, trySampleSql(nameOf(mapping), computed(sql), where));
    if (refusal) found.set(view, { kind: 'fails for rows', sqlState: refusal.sqlState });
    return refusal !== null;
  };
  const filter = expressions.find(({ column }) => column === null);
  const where = expressions[0]?.mapping.where ?? null;
  const filterIsValid = where === null || (filter && values.get(filter.view)?.baseType === 'boolean');
  if (!filterIsValid || (filter && (await failing(filter, null)))) return found;
  for (const each of expressions) if (each.column !== null) await failing(each, where);
  return found;
}

/**
 * Sends valid expressions again, in the text of a statement: so far they were parameters, and the Data API may parse the text
 * differently from the database. It sends all at once, then one by one if they are refused.
 */
async function spellOut(
  source: Queryable,
  expressions: readonly MappedExpression[],
  facts: ReadonlyMap<string, ExpressionFacts>,
): Promise<Map<string, NonNullable<ExpressionFacts['refusal']>>> {
  const valid = expressions.filter(({ view }) => facts.get(view)?.refusal === null);
  const refused = async (some: readonly MappedExpression[]): Promise<Refusal | null> => {
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
  if (valid.length === 0 || (await refused(valid)) === null) return found;
  for (const each of valid) {
    const refusal = await refused([each]);
    if (refusal) found.set(each.view, { kind: 'not understood', ...refusal });
  }
  return found;
}

const tryView = (database: Queryable, { mapping, view, sql }: MappedExpression): Promise<Refusal | null> =>
  tryStatement(database, createViewSql(nameOf(mapping), view, computed(sql)));

async function tryStatement(database: Queryable, statement: string): Promise<Refusal | null> {
  const [row] = await database.query(TRY, { statement });
  return row?.refusal ? (JSON.parse(String(row.refusal)) as Refusal) : null;
}

async function valuesOf(
  database: Queryable,
  expressions: readonly MappedExpression[],
): Promise<Map<string, ColumnDescription>> {
  if (expressions.length === 0) return new Map();
  const [row] = await database.query(TEMPORARY_SCHEMA);
  const views = expressions.map(({ view }) => ({ schema: String(row!.name), name: view }));
  const described = await describeTables(database, views);
  return new Map(expressions.map(({ view }, index) => [view, described[index]!.columns[0]!]));
}

/** Runs a row function on some of the source's rows. Another check reports why rows cannot be read. */
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
