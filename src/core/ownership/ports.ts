/** The ports of `npx sluice adopt` and `npx sluice forget`, which a person runs with the owners' logins. */

import type { LoginNames } from '../../contract/logins';
import type { Side } from '../../contract/sides';
import type { DatabaseAddress, DatabaseNames } from '../definition/same-database';
import type { GenerationStart, MigrationRecord } from '../ledger';
import type { GuardState } from '../guard-ports';
import type { Authority } from '../ports';
import type { Control } from '../world';

/** A guard of any control plane. `none`: it was removed. */
export interface FoundGuard {
  readonly owner: string;
  readonly environment: string;
  /** The databases that it was registered for. */
  readonly ends: Partial<DatabaseNames>;
  readonly generation: number;
  readonly epoch: number;
  readonly state: GuardState | 'none';
  /** A fence past its deadline, which accepts writes again. */
  readonly expired: boolean;
  /** Names of the guarded tables. */
  readonly tables: readonly string[];
  /** Leases of chunks and partitions; none before the plan. */
  readonly leases: number;
  readonly captures: number;
}

/** Everything that a database holds of one side of a migration. */
export interface FoundSide {
  /** The login that read it. */
  readonly login: string;
  /** The login that owns schema `sluice`; null if Sluice is not installed. */
  readonly schemaOwner: string | null;
  /** Differs between any two databases, and changes when the server restarts. */
  readonly identity: string;
  readonly guards: readonly FoundGuard[];
}

/** The guards of one side of a migration, of every control plane, with the owner's login. */
export interface SideGuards {
  find(migration: string): Promise<FoundSide>;
  /**
   * Installs the functions of this version. Safe to repeat.
   * @param logins those that may use them; null leaves the grants as they are
   */
  install(logins: LoginNames | null): Promise<void>;
  /** Gives a guard to the authority's control plane. @throws FencedOut unless the guard is as it was seen */
  adopt(authority: Authority, environment: string, seen: FoundGuard): Promise<void>;
  /**
   * Opens a guard and removes it, with captures and leases, in steps that each block the application briefly. Keeps every row and
   * every object of the application.
   * @throws FencedOut unless the guard is as it was seen
   */
  forget(migration: string, seen: FoundGuard): Promise<void>;
}

/** A database that a migration's record or its deployed definition names. */
export interface NamedDatabase {
  readonly side: Side;
  readonly address: DatabaseAddress;
  /** Whether the record's generation was started with it; otherwise only the deployed definition names it. */
  readonly isFrozen: boolean;
  /** Reads `FoundSide.identity`. Null if the database does not exist at this address. */
  identity(): Promise<string | null>;
}

/** The attributes of a record that an adoption decides. */
export type AdoptedRecord = Pick<
  MigrationRecord,
  'generation' | 'direction' | 'status' | 'stage' | 'writes' | 'epoch' | 'captureLost' | 'reason'
>;

/** The part of the ledger that the two commands use. */
export interface OwnershipLedger extends Pick<Control, 'owner' | 'record' | 'setRoute' | 'definitions'> {
  readonly journal: Pick<Control['journal'], 'append'>;
  readonly adoptions: {
    create(migration: string, adopted: AdoptedRecord, start: GenerationStart): Promise<boolean>;
    decide(seen: MigrationRecord, adopted: AdoptedRecord, start: GenerationStart | null): Promise<boolean>;
    finish(migration: string, epoch: number): Promise<boolean>;
  };
}
