/** What schema `sluice` holds: nothing, this version's tables, or those of a version that did not know sides. */

const guardHas = (column: string): string => `EXISTS (
    SELECT FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'sluice' AND c.relname = 'guard' AND a.attname = '${column}')`;

/** SQL of whether Sluice is installed, by any version. */
export const HAS_TABLES = guardHas('epoch');

/** SQL of whether an older version is. `CREATE TABLE IF NOT EXISTS` would keep its tables, which mix up the two sides. */
export const HAS_OLDER_TABLES = `(${HAS_TABLES} AND NOT ${guardHas('side')})`;

export const IS_INSTALLED = `SELECT ${HAS_TABLES} AS installed, ${HAS_OLDER_TABLES} AS older`;

/** The runbook tells how: a finished migration's source must not be opened by it. */
export const OLDER_TABLES_REMEDY =
  'Abort the migrations that use it with the version that started them; if they are finished, remove the schema as the runbook describes.';

export const OLDER_TABLES = `schema sluice was installed by an older version: its tables have no column side. ${OLDER_TABLES_REMEDY}`;
