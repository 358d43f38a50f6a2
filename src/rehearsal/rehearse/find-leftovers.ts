/** Finds objects and rows that a finished migration must not leave on its source. */
import { runSql } from 'local-aws';
import leftoverTriggersSql from './leftover-triggers.sql';
import leftoverTablesSql from './leftover-tables.sql';
import leftoverGuardsSql from './leftover-guards.sql';

/** Tables whose rows belong to the target: a finished migration keeps them there. */
const OF_THE_TARGET = ['created', 'lease', 'skipped', 'slice', 'touch'].map((name) => `sluice.${name}`);

/**
 * Returns descriptions; empty if only the sealed guard remains.
 * @param url with a superuser's login
 * @param oneDatabase whether the target is in the same database
 */
export async function findLeftovers(url: string, oneDatabase: boolean): Promise<string[]> {
  const query = (sql: string) =>
    runSql<{ leftover: string }>(url, sql).then((rows) => rows.map(({ leftover }) => leftover));
  const found = await runSql<{ name: string }>(url, leftoverTablesSql);
  const tables = found.filter(({ name }) => !oneDatabase || !OF_THE_TARGET.includes(name));
  const counts = await Promise.all(
    tables.map(({ name }) =>
      query(
        `SELECT format('%s rows in %s', count(*), '${name}') AS leftover FROM ${name} HAVING count(*) > 0`,
      ),
    ),
  );
  return [...(await query(leftoverTriggersSql)), ...counts.flat(), ...(await query(leftoverGuardsSql))].map(
    (leftover) => `Sluice left something on the source: ${leftover}`,
  );
}
