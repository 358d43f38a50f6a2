import type { Database } from './database';
import { versioned } from './installed-version';

type Queryable = Pick<Database, 'query'>;

/** The same database, whose statements call the functions of one version. */
export function versionedDatabase(database: Database, version?: number): Database {
  const versionedQuery =
    (inner: Queryable): Database['query'] =>
    (sql, parameters) =>
      inner.query(versioned(sql, version), parameters);
  return {
    query: versionedQuery(database),
    rehearse: (work) => database.rehearse((inner) => work({ query: versionedQuery(inner) })),
  };
}
