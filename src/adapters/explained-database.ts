import type { Login } from '../contract/logins';
import type { Side } from '../contract/sides';
import { EndpointDenied } from '../core/errors';
import type { Endpoint } from '../core/definition/definition';
import type { Database } from './postgres/database';
import { isSqlState } from './postgres/sql-states';
import { NotExecuted, StatementRefused } from './postgres/statement-refused';
import { statementSubject } from './postgres/statement-subject';

/** Name of the Data API's error for a caller whose role lacks a right to the cluster or to the secret. */
const DENIED = 'AccessDeniedException';

/** Where the statements of a database run. */
export interface Place {
  readonly migration: string;
  readonly side: Side;
  readonly login: Login;
  readonly endpoint: Endpoint;
}

/** A database whose errors say where they occurred, and whose denied calls why the deployment may have lost its access. */
export function explainedDatabase(database: Database, place: Place): Database {
  const explain = async <T>(sql: string | null, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw explained(error, sql, place);
    }
  };
  const querying = ({ query }: Pick<Database, 'query'>): Database['query'] => {
    return (sql, parameters) => explain(sql, () => query(sql, parameters));
  };
  return {
    query: querying({ query: (sql, parameters) => database.query(sql, parameters) }),
    rehearse: (work) =>
      explain(null, () =>
        database.rehearse((transaction) =>
          work({ query: querying({ query: (sql, parameters) => transaction.query(sql, parameters) }) }),
        ),
      ),
  };
}

function explained(error: unknown, sql: string | null, place: Place): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === DENIED) return denied(place, error);
  if (sql === null) return error;
  if (error instanceof StatementRefused) error.where ??= whereOf(sql, place);
  if (error instanceof NotExecuted && isSqlState(error.code))
    return new NotExecuted(`${whereOf(sql, place)}: ${error.message}`, error.code);
  return error;
}

/** E.g. `target (login worker, table "shop"."orders")`. */
function whereOf(sql: string, { side, login }: Place): string {
  const subject = statementSubject(sql);
  return `${side} (login ${login}${subject === null ? '' : `, ${subject}`})`;
}

const denied = ({ migration, endpoint: { clusterArn, database } }: Place, cause: Error): EndpointDenied =>
  new EndpointDenied(
    `this deployment's functions may not use database ${database} of ${clusterArn} or its secrets, with which migration ${migration} started: ${cause.message}. An endpoint must stay in a definition of its environment until the migrations that use it have ended. Put it back, deploy, then repeat`,
    { cause },
  );
