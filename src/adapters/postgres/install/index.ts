import guardTable from './tables/guard.sql';
import guardedTable from './tables/guarded.sql';
import createdTable from './tables/created.sql';
import leaseTable from './tables/lease.sql';
import sliceTable from './tables/slice.sql';
import touchTable from './tables/touch.sql';
import skippedTable from './tables/skipped.sql';
import captureTable from './tables/capture.sql';
import captureLossTable from './tables/capture-loss.sql';
import changeLogTable from './tables/change-log.sql';
import grantsOnFunctions from './grants-on-functions.sql';
import grantsOnTables from './grants-on-tables.sql';
import foreignObjects from './foreign-objects.sql';
import refuseOlderVersion from './refuse-older-version.sql';
import revokeFromPublic from './revoke-from-public.sql';
import schema from './schema.sql';
import type { LoginNames } from '../../../contract/logins';
import { quoteIdentifier } from '../../../core/identifier';
import { FUNCTIONS } from './functions';
import { PINNED_PATH } from '../../../core/settings';
import { versioned } from '../installed-version';
import { statement } from '../sql/statement';

/** Creates the schema and its tables. Safe to repeat. */
const TABLES = [
  guardTable,
  guardedTable,
  createdTable,
  leaseTable,
  sliceTable,
  touchTable,
  skippedTable,
  captureTable,
  captureLossTable,
  changeLogTable,
];

/** Below the limit of the Data API for one statement, 65,536 characters. */
const CHARACTERS_MAX = 60_000;

/**
 * Installs everything that Sluice needs in a database, in as few statements as the Data API's limit allows, to be run in order.
 * Safe to repeat, also after an interruption. Each object belongs to one side of a migration, because both sides may be in the
 * same database. They run as the owner's login. The first statement creates the tables, and no function.
 *
 * The functions raise the SQLSTATEs of `SLUICE_STATES`.
 * @param logins the only ones that may use the installed objects; null grants nothing
 * @param version of the functions; those of other versions stay
 * @throws SL002 if an older version of Sluice is installed, or if the schema is not only the login's
 */
export function installStatements(logins: LoginNames | null, version?: number): string[] {
  const granted = (grants: string) => (logins === null ? [] : [grantedTo(logins, grants)]);
  const parts: string[][] = [[schema, ownSchema, ...TABLES, ...granted(grantsOnTables)], [ownSchema]];
  for (const part of [...FUNCTIONS, ...granted(grantsOnFunctions)]) {
    const last = parts.at(-1)!;
    if (asStatement([...last, part], version).length > CHARACTERS_MAX) parts.push([ownSchema, part]);
    else last.push(part);
  }
  return parts.map((part) => asStatement(part, version));
}

/** Replaces the placeholders for the logins, e.g. `"worker login"`, with their names. */
const grantedTo = (logins: LoginNames, grants: string): string =>
  grants.replace(/"(control|worker|verifier) login"/g, (_, login: keyof LoginNames) =>
    quoteIdentifier(logins[login]),
  );

/**
 * The path is pinned before any name is resolved. The server would check each body again, which takes as long as the rest; a test
 * checks them.
 */
const SETTINGS = `PERFORM pg_catalog.set_config('search_path', '${PINNED_PATH}', true), pg_catalog.set_config('check_function_bodies', 'off', true);`;

/** Lists what is foreign in schema sluice. */
export const FOREIGN_OBJECTS = statement(foreignObjects);

/** Raises SL002 if there is any. Once the schema is the login's alone, no other login creates objects in it. */
const ownSchema = `DO $foreign$
DECLARE
  v_found text = (SELECT pg_catalog.string_agg(f.found, '; ') FROM (${FOREIGN_OBJECTS}) AS f);
BEGIN
  IF v_found IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = pg_catalog.format('login %s may not install into schema sluice: %s. If no migration uses the schema, rename it: ALTER SCHEMA sluice RENAME TO …. Otherwise use the login that installed it, and drop what Sluice did not create.', current_user, v_found);
  END IF;
END $foreign$;`;

/** One statement, which commits all or nothing. Each waits for a concurrent installation, and opens no function to others. */
const asStatement = (parts: readonly string[], version?: number): string =>
  versioned(
    `DO $install$\nBEGIN\n${[SETTINGS, refuseOlderVersion, ...parts, revokeFromPublic].map(statement).join('\n')}\nEND $install$`,
    version,
  );
