/** Builds an index on an expression, which PostgreSQL refuses unless it is immutable and reads nothing but the row. */
export const createIndexSql = (name: string, sql: string): string =>
  `CREATE INDEX ON pg_temp.${name} ((1)) WHERE (${sql}) IS DISTINCT FROM NULL`;
