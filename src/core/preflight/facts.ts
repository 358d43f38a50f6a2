import { LOGINS, type Login } from '../../contract/logins';
import { SIDES, type Side } from '../../contract/sides';
import type { SequenceDescription, ServerDescription, TableDescription } from '../catalog';
import type { Definition, Endpoint, Mapping } from '../definition/definition';
import { isSameDatabase } from '../definition/same-database';
import type { Problem } from '../errors';
import type { TableName } from '../identifier';
import type { ProjectionFacts } from './projection-facts';

/** Causes with a remedy of their own. */
export type ConnectFailure =
  | 'access denied'
  | 'API disabled'
  | 'malformed secret'
  | 'unreadable secret'
  | 'unknown cluster'
  | 'cluster unavailable'
  | 'bad password'
  | 'login not allowed'
  | 'no connect privilege'
  | 'unknown database'
  | 'other';

/** Why a login could not be used. */
export interface Unreachable {
  readonly failure: ConnectFailure;
  /** Name of the service's error, or the server's SQLSTATE: shown, not interpreted. */
  readonly code: string;
  readonly message: string;
}

/** A session that holds a lock that a guard or a capture would wait for. */
export interface LockHolder {
  readonly pid: number;
  readonly login: string | null;
  /** `pg_stat_activity.backend_type`, e.g. `client backend`, `autovacuum worker`. */
  readonly backend: string;
  /** E.g. `active`, `idle in transaction`; null for the server's own processes. */
  readonly state: string | null;
  /** E.g. `RowExclusiveLock`. */
  readonly mode: string;
  /** Age of its transaction. */
  readonly ageSeconds: number;
}

/** The longest of the statements on a table, in characters. */
export interface StatementSize {
  /** Purpose of the statement, e.g. `reads a page`. */
  readonly does: string;
  readonly characters: number;
}

/** The largest row that a scan of a table found. */
export interface RowSize {
  /** Text of that row in bytes, as far as it can be estimated without reading out-of-line values. */
  readonly bytesMax: number;
  /** False if only a sample was scanned: larger rows may exist. */
  readonly complete: boolean;
}

/** The facts that one login can see in one database. */
export interface LoginFacts {
  /** Null if the login could not be used; `unreachable` then says why. */
  readonly server: ServerDescription | null;
  readonly unreachable: Unreachable | null;
  /** By the table's name as the definition writes it; null for tables that do not exist. Empty if unreachable. */
  readonly tables: ReadonlyMap<string, TableDescription | null>;
  /** Sessions that have held a lock on a table for minutes, by the same name, as far as the login may see them. */
  readonly lockHolders: ReadonlyMap<string, readonly LockHolder[]>;
}

/** The outcome of the definition's schema files, run in a transaction that was rolled back. */
export interface SchemaRehearsal {
  /** Mapped target tables that existed before. */
  readonly existing: readonly string[];
  /**
   * `rehearsed`: none existed; the target's tables are those that the files created, as the owner sees them. `existing`: all
   * existed; the files were not run. `partial`: some existed; the files were not run. `failed`: a file could not be read or
   * run. `unknown`: the owner's login could not connect.
   */
  readonly outcome: 'rehearsed' | 'existing' | 'partial' | 'failed' | 'unknown';
  readonly failure: { readonly file: string; readonly message: string } | null;
}

/** A guard that is registered in a database over one of the definition's tables. */
export interface RegisteredGuard {
  /** Id of its control plane. */
  readonly owner: string;
  readonly environment: string;
  readonly migration: string;
  readonly side: Side;
  readonly state: string;
  readonly generation: number;
  readonly table: TableName;
}

export interface SideFacts {
  readonly endpoint: Endpoint;
  /** Of every control plane; empty if the owner's login may not read them. */
  readonly guards: readonly RegisteredGuard[];
  /** Objects in schema `sluice`, and rights on it, that are not those of the owner's login; twenty at most. */
  readonly foreignObjects: readonly string[];
  /** Of the schemas of the mapped tables and of their columns' sequences, as the owner's login sees them, else the worker's. */
  readonly sequences: readonly SequenceDescription[];
  readonly logins: Readonly<Record<Login, LoginFacts>>;
}

/** The input of all checks. No check queries a database itself. */
export interface Facts {
  readonly definition: Definition;
  /** Id of this control plane. */
  readonly owner: string;
  readonly environment: string;
  readonly source: SideFacts;
  readonly target: SideFacts;
  /** Null if the definition names no schema files. */
  readonly schema: SchemaRehearsal | null;
  /** By target table as the definition writes it; only for mappings that compute something, if the source's worker can query. */
  readonly projections: ReadonlyMap<string, ProjectionFacts>;
  /** By target table as the definition writes it; not for mappings with a missing table or column. */
  readonly statements: ReadonlyMap<string, StatementSize>;
  /** By source table as the definition writes it; not for tables whose scan did not finish in time. */
  readonly rowSizes: ReadonlyMap<string, RowSize>;
}

/** One table of a mapping. The descriptions differ only in the privileges of the login that queried. */
export interface TableEnd {
  readonly side: Side;
  /** As the definition writes it. */
  readonly name: string;
  readonly table: TableDescription;
  readonly as: Readonly<Record<Login, TableDescription | null>>;
}

/** A mapping and its two tables; null for a table that is missing or that no login could describe. */
export interface Pair {
  readonly mapping: Mapping;
  readonly source: TableEnd | null;
  readonly target: TableEnd | null;
}

/** Whether source and target are tables of one database. */
export const isOneDatabase = ({ source, target }: Pick<Facts, Side>): boolean =>
  isSameDatabase(source.endpoint, target.endpoint);

/** A check of the two databases as a whole. */
export type SideCheck = (facts: Facts) => Problem[];
/** A check of one mapping. */
export type PairCheck = (pair: Pair, facts: Facts) => Problem[];

export const pairsOf = (facts: Pick<Facts, 'definition' | Side>): Pair[] =>
  facts.definition.tables.map((mapping) => ({
    mapping,
    source: endOf('source', facts.source, mapping.source),
    target: endOf('target', facts.target, mapping.target),
  }));

function endOf(side: Side, { logins }: SideFacts, name: string): TableEnd | null {
  const described = LOGINS.map((login) => [login, logins[login].tables.get(name) ?? null] as const);
  const as = Object.fromEntries(described) as TableEnd['as'];
  const table = as.worker ?? as.owner ?? as.verifier ?? as.control;
  return table && { side, name, table, as };
}

export const endsOf = ({ source, target }: Pair): TableEnd[] =>
  [source, target].filter((end) => end !== null);

/** Lists the logins of both sides that could connect, each with its description of the server. */
export function* reachableLogins(
  facts: Facts,
): Generator<{ side: Side; login: Login; subject: string; server: ServerDescription }> {
  for (const side of SIDES) {
    for (const login of LOGINS) {
      const { server } = facts[side].logins[login];
      if (server) yield { side, login, subject: `${side} ${login}`, server };
    }
  }
}

/** Lists one server description of each side that a login could reach. */
export function* reachableSides(facts: Facts): Generator<{ side: Side; server: ServerDescription }> {
  for (const side of SIDES) {
    const { owner, control, worker, verifier } = facts[side].logins;
    const server = worker.server ?? owner.server ?? verifier.server ?? control.server;
    if (server) yield { side, server };
  }
}
