import { PINNED_PATH } from '../../core/settings';
import type { Database } from './database';
import { SEARCH_PATH } from './sql/statements';

/** A database whose statements resolve names by Sluice's path, whatever the path of its sessions is. */
export interface PinnedDatabase extends Database {
  /** The path of the login's sessions. */
  sessionPath(): Promise<string>;
}

/**
 * Pins the path of statements for logins whose settings are not checked yet: objects in `public` with names of the system's would
 * otherwise run with the rights of the login. Sessions with another path cost a transaction per statement.
 */
export function pinnedDatabase(database: Database): PinnedDatabase {
  let known: string | null = null;
  const sessionPath = async (): Promise<string> => {
    known ??= String((await database.query(SEARCH_PATH))[0]!.path);
    return known;
  };
  const rehearse: Database['rehearse'] = (work) =>
    database.rehearse(async (inner) => {
      await inner.query(`SET LOCAL search_path = ${PINNED_PATH}`);
      return work(inner);
    });
  return {
    sessionPath,
    rehearse,
    query: async (sql, parameters) =>
      (await sessionPath()) === PINNED_PATH
        ? database.query(sql, parameters)
        : rehearse(({ query }) => query(sql, parameters)),
  };
}
