/** Finds objects and rows that a finished migration must not leave on its source. */
import { runSql } from 'local-aws';

const TRIGGERS = `SELECT format('trigger %s on %s', t.tgname, t.tgrelid::regclass) AS leftover
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = 'sluice' AND t.tgname NOT IN ('sluice_guard', 'sluice_guard_truncate') AND t.tgparentid = 0
ORDER BY 1`;

/** Every table of Sluice except those of the guard. */
const TABLES = `SELECT format('%I.%I', n.nspname, c.relname) AS name
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'sluice' AND c.relkind = 'r' AND c.relname NOT IN ('guard', 'guarded') ORDER BY 1`;

const GUARD = `SELECT format('the guard of %s is %s', migration, state) AS leftover FROM sluice.guard
WHERE side = 'source' AND state <> 'sealed'`;

/** Returns descriptions; empty if only the sealed guard remains. @param url with a superuser's login */
export async function findLeftovers(url: string): Promise<string[]> {
  const query = (sql: string) =>
    runSql<{ leftover: string }>(url, sql).then((rows) => rows.map(({ leftover }) => leftover));
  const tables = await runSql<{ name: string }>(url, TABLES);
  const counts = await Promise.all(
    tables.map(({ name }) =>
      query(
        `SELECT format('%s rows in %s', count(*), '${name}') AS leftover FROM ${name} HAVING count(*) > 0`,
      ),
    ),
  );
  return [...(await query(TRIGGERS)), ...counts.flat(), ...(await query(GUARD))].map(
    (leftover) => `Sluice left something on the source: ${leftover}`,
  );
}
