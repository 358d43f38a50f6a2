import { SIDES, type Side } from '../../contract/sides';
import type { ServerDescription, TableDescription } from '../catalog';
import type { Definition, Endpoint, Mapping } from '../definition/definition';
import type { Problem } from '../errors';
import type { ProjectionFacts } from './projection-facts';

export type LoginName = 'owner' | 'worker';

/** Why a login could not be used. */
export interface Unreachable {
  /** Name of the error or SQLSTATE, e.g. `AccessDeniedException`, `28P01`. */
  readonly code: string;
  readonly message: string;
}

/** A session that holds a lock which a guard or a capture has to wait for. */
export interface LockHolder {
  readonly pid: number;
  readonly login: string | null;
  /** `pg_stat_activity.backend_type`, e.g. `client backend`, `autovacuum worker`. */
  readonly backend: string;
  /** E.g. `active`, `idle in transaction`; null for the server's own processes. */
  readonly state: string | null;
  /** E.g. `RowExclusiveLock`. */
  readonly mode: string;
  /** Of its transaction. */
  readonly ageSeconds: number;
}

/** The longest of the statements on a table, in characters. */
export interface StatementSize {
  /** What the statement does, e.g. `reads a page`. */
  readonly does: string;
  readonly characters: number;
}

/** What a look at a table's rows found. */
export interface RowSize {
  /** Text of the largest row that was seen, in bytes, as far as its values need not be fetched to tell. */
  readonly bytesMax: number;
  /** False if only a sample was looked at: there may be larger ones. */
  readonly complete: boolean;
}

/** What one login sees of one database. */
export interface LoginFacts {
  /** Null if the login could not be used; `unreachable` then says why. */
  readonly server: ServerDescription | null;
  readonly unreachable: Unreachable | null;
  /** By the table's name as the definition writes it; null for tables that are not there. Empty if unreachable. */
  readonly tables: ReadonlyMap<string, TableDescription | null>;
  /** Who has held a lock on a table for minutes, by the same name, as far as the login may see. */
  readonly lockHolders: ReadonlyMap<string, readonly LockHolder[]>;
}

/** What the definition's schema files did in a transaction that was rolled back. */
export interface SchemaRehearsal {
  /** Mapped target tables that were there before. */
  readonly existing: readonly string[];
  /**
   * `rehearsed`: none was there, the target's tables are what the files made, as the owner sees them. `existing`: all were
   * there, the files were not run. `partial`: some were there, the files were not run. `failed`: a file could not be read
   * or run. `unknown`: the owner could not be reached.
   */
  readonly outcome: 'rehearsed' | 'existing' | 'partial' | 'failed' | 'unknown';
  readonly failure: { readonly file: string; readonly message: string } | null;
}

export interface SideFacts {
  readonly endpoint: Endpoint;
  readonly logins: Readonly<Record<LoginName, LoginFacts>>;
}

/** Everything that the checks work on: no check asks a database. */
export interface Facts {
  readonly definition: Definition;
  readonly environment: string;
  readonly source: SideFacts;
  readonly target: SideFacts;
  /** Null if the definition names no schema files. */
  readonly schema: SchemaRehearsal | null;
  /** By target table as the definition writes it; none where nothing is computed or the source's worker cannot ask. */
  readonly projections: ReadonlyMap<string, ProjectionFacts>;
  /** By target table as the definition writes it; none where a table or a column is missing. */
  readonly statements: ReadonlyMap<string, StatementSize>;
  /** By source table as the definition writes it; none where nothing could be learned in time. */
  readonly rowSizes: ReadonlyMap<string, RowSize>;
}

/** One table of a mapping. Descriptions agree but for what the login that asked may do. */
export interface TableEnd {
  readonly side: Side;
  /** As the definition writes it. */
  readonly name: string;
  readonly table: TableDescription;
  readonly asOwner: TableDescription | null;
  readonly asWorker: TableDescription | null;
}

/** A mapping and its two tables; null for a table that is missing or that nobody could look at. */
export interface Pair {
  readonly mapping: Mapping;
  readonly source: TableEnd | null;
  readonly target: TableEnd | null;
}

/** A check of the two databases as such. */
export type SideCheck = (facts: Facts) => Problem[];
/** A check of one mapping. */
export type PairCheck = (pair: Pair, facts: Facts) => Problem[];

export const LOGINS: readonly LoginName[] = ['owner', 'worker'];

export const pairsOf = (facts: Pick<Facts, 'definition' | Side>): Pair[] =>
  facts.definition.tables.map((mapping) => ({
    mapping,
    source: endOf('source', facts.source, mapping.source),
    target: endOf('target', facts.target, mapping.target),
  }));

function endOf(side: Side, { logins }: SideFacts, name: string): TableEnd | null {
  const asOwner = logins.owner.tables.get(name) ?? null;
  const asWorker = logins.worker.tables.get(name) ?? null;
  const table = asWorker ?? asOwner;
  return table && { side, name, table, asOwner, asWorker };
}

export const endsOf = ({ source, target }: Pair): TableEnd[] =>
  [source, target].filter((end) => end !== null);

/** Both sides' logins that could be used, each with what it says. */
export function* reachableLogins(
  facts: Facts,
): Generator<{ side: Side; login: LoginName; subject: string; server: ServerDescription }> {
  for (const side of SIDES) {
    for (const login of LOGINS) {
      const { server } = facts[side].logins[login];
      if (server) yield { side, login, subject: `${side} ${login}`, server };
    }
  }
}

/** One server description of each side that could be reached. */
export function* reachableSides(facts: Facts): Generator<{ side: Side; server: ServerDescription }> {
  for (const side of SIDES) {
    const { owner, worker } = facts[side].logins;
    const server = worker.server ?? owner.server;
    if (server) yield { side, server };
  }
}
