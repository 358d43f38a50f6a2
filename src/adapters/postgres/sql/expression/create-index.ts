/** What an index may depend on is immutable, of the row alone, and holds no subquery. */
export const createIndexSql = (name: string, sql: string): string =>
  `CREATE INDEX ON pg_temp.${name} ((1)) WHERE (${sql}) IS DISTINCT FROM NULL`;
