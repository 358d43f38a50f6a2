import type { ServerDescription, TableDescription } from '../catalog';
import type { Definition, Endpoint, Mapping } from '../definition';
import type { Problem } from '../errors';

export type SideName = 'source' | 'target';
export type LoginName = 'owner' | 'worker';

/** Why a login could not be used. */
export interface Unreachable {
  /** Name of the error or SQLSTATE, e.g. `AccessDeniedException`, `28P01`. */
  readonly code: string;
  readonly message: string;
}

/** What one login sees of one database. */
export interface LoginFacts {
  /** Null if the login could not be used; `unreachable` then says why. */
  readonly server: ServerDescription | null;
  readonly unreachable: Unreachable | null;
  /** By the table's name as the definition writes it; null for tables that are not there. Empty if unreachable. */
  readonly tables: ReadonlyMap<string, TableDescription | null>;
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

export interface Side {
  readonly endpoint: Endpoint;
  readonly logins: Readonly<Record<LoginName, LoginFacts>>;
}

/** Everything that the checks work on: no check asks a database. */
export interface Facts {
  readonly definition: Definition;
  readonly environment: string;
  readonly source: Side;
  readonly target: Side;
  /** Null if the definition names no schema files. */
  readonly schema: SchemaRehearsal | null;
}

/** One table of a mapping. Descriptions agree but for what the login that asked may do. */
export interface End {
  readonly side: SideName;
  /** As the definition writes it. */
  readonly name: string;
  readonly table: TableDescription;
  readonly asOwner: TableDescription | null;
  readonly asWorker: TableDescription | null;
}

/** A mapping and its two tables; null for a table that is missing or that nobody could look at. */
export interface Pair {
  readonly mapping: Mapping;
  readonly source: End | null;
  readonly target: End | null;
}

/** A check of the two databases as such. */
export type SideCheck = (facts: Facts) => Problem[];
/** A check of one mapping. */
export type PairCheck = (pair: Pair, facts: Facts) => Problem[];

export const SIDES: readonly SideName[] = ['source', 'target'];
export const LOGINS: readonly LoginName[] = ['owner', 'worker'];

export const pairsOf = (facts: Facts): Pair[] =>
  facts.definition.tables.map((mapping) => ({
    mapping,
    source: endOf('source', facts.source, mapping.source),
    target: endOf('target', facts.target, mapping.target),
  }));

function endOf(side: SideName, { logins }: Side, name: string): End | null {
  const asOwner = logins.owner.tables.get(name) ?? null;
  const asWorker = logins.worker.tables.get(name) ?? null;
  const table = asWorker ?? asOwner;
  return table && { side, name, table, asOwner, asWorker };
}

export const endsOf = ({ source, target }: Pair): End[] => [source, target].filter((end) => end !== null);

/** Both sides' logins that could be used, each with what it says. */
export function* reachableLogins(
  facts: Facts,
): Generator<{ side: SideName; login: LoginName; subject: string; server: ServerDescription }> {
  for (const side of SIDES) {
    for (const login of LOGINS) {
      const { server } = facts[side].logins[login];
      if (server) yield { side, login, subject: `${side} ${login}`, server };
    }
  }
}

/** One server description of each side that could be reached. */
export function* reachableSides(facts: Facts): Generator<{ side: SideName; server: ServerDescription }> {
  for (const side of SIDES) {
    const { owner, worker } = facts[side].logins;
    const server = worker.server ?? owner.server;
    if (server) yield { side, server };
  }
}
