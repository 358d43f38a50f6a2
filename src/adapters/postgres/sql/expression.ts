import { quoteTable, type TableName } from '../../../core/identifier';
import type { ColumnLayout } from '../../../core/layout';
import { SAMPLE_ROWS } from '../../../core/preflight';
import { fromFilter, fromValue } from './projection';

/**
 * How the source is asked about expressions: by temporary objects, in a transaction that is rolled back. A statement that
 * it refuses must not end the transaction.
 */
export const CREATE_TRY = `CREATE FUNCTION pg_temp.sluice_try(statement text) RETURNS text LANGUAGE plpgsql AS $f$
  BEGIN
    EXECUTE statement;
    RETURN NULL;
  EXCEPTION WHEN OTHERS THEN
    RETURN json_build_object('sqlState', SQLSTATE, 'message', SQLERRM)::text;
  END $f$`;

/** Runs `:statement`: null, or the refusal as JSON. */
export const TRY = 'SELECT pg_temp.sluice_try(CAST(:statement AS text)) AS refusal';

export const TEMPORARY_SCHEMA =
  'SELECT n.nspname::text AS name FROM pg_catalog.pg_namespace AS n WHERE n.oid = pg_my_temp_schema()';

type Expression = Pick<ColumnLayout, 'expression' | 'from' | 'reads'>;

/** A view whose only column is the expression: the catalog then knows its type. */
export const createViewSql = (table: TableName, view: string, expression: Expression): string =>
  `CREATE TEMPORARY VIEW pg_temp.${view} AS SELECT ${fromValue(expression)} AS value FROM ${quoteTable(table)} AS t`;

/** An empty table with the source's columns. */
export const createRowSql = (table: TableName, name: string): string =>
  `CREATE TEMPORARY TABLE pg_temp.${name} (LIKE ${quoteTable(table)})`;

/** What an index may depend on is immutable, of the row alone, and holds no subquery. */
export const createIndexSql = (name: string, sql: string): string =>
  `CREATE INDEX ON pg_temp.${name} ((1)) WHERE (${sql}) IS DISTINCT FROM NULL`;

/** Evaluates an expression for some rows that the filter lets through; its answer is nobody's. */
export const trySampleSql = (table: TableName, expression: Expression, where: string | null): string =>
  `SELECT count(concat(s.value)) FROM (
  SELECT ${fromValue(expression)} AS value FROM ${sample(table)} AS t WHERE ${fromFilter({ where })} OFFSET 0
) AS s`;

/** The expressions in the very text of a statement, where a colon could be taken for a parameter's; of no row. */
export const spellOutSql = (table: TableName, expressions: readonly Expression[]): string =>
  `SELECT count(*) AS rows FROM (
  SELECT ${expressions.map((expression, index) => `${fromValue(expression)} AS c${index}`).join(', ')}
  FROM ${quoteTable(table)} AS t LIMIT 0
) AS s`;

/** What the row function would be given for some rows, as far as they travel in one result: a JSON array of texts each. */
export const readSampleSql = (table: TableName, expression: Expression, where: string | null): string =>
  `SELECT s.texts FROM (
  SELECT r.texts, sum(octet_length(r.texts)) OVER (ROWS UNBOUNDED PRECEDING) AS running
  FROM (
    SELECT ${fromValue(expression)}::text AS texts FROM ${sample(table)} AS t WHERE ${fromFilter({ where })} OFFSET 0
  ) AS r
  WHERE octet_length(r.texts) <= 60000
) AS s WHERE s.running <= 900000`;

const sample = (table: TableName): string => `(SELECT * FROM ${quoteTable(table)} LIMIT ${SAMPLE_ROWS})`;
