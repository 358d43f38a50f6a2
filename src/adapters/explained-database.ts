import { EndpointDenied } from '../core/errors';
import type { Endpoint } from '../core/definition/definition';
import type { Database } from './postgres/database';

/** Name of the Data API's error for a caller whose role lacks a right to the cluster or to the secret. */
const DENIED = 'AccessDeniedException';

/** A database whose denied calls say why the deployment may have lost its access. */
export function explainedDatabase(database: Database, migration: string, endpoint: Endpoint): Database {
  const explain = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (error instanceof Error && error.name === DENIED) throw denied(migration, endpoint, error);
      throw error;
    }
  };
  return {
    query: (sql, parameters) => explain(() => database.query(sql, parameters)),
    rehearse: (work) => explain(() => database.rehearse(work)),
  };
}

const denied = (migration: string, { clusterArn, database }: Endpoint, cause: Error): EndpointDenied =>
  new EndpointDenied(
    `this deployment's functions may not use database ${database} of ${clusterArn} or its secrets, with which migration ${migration} started: ${cause.message}. An endpoint must stay in a definition of its environment until the migrations that use it have ended. Put it back, deploy, then repeat`,
    { cause },
  );
