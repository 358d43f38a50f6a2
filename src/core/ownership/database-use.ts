import { isSameDatabase, type DatabaseAddress } from '../definition/same-database';
import type { Side } from '../../contract/sides';
import type { MigrationRecord } from '../ledger';
import type { FoundSide, NamedDatabase, SideGuards } from './ports';

/**
 * How a migration uses a database. `frozen`: its generation was started with it. `deployed`: only the deployed definition names it.
 * `unused`: neither, also under another name. `restarted`: its server restarted during the comparison, which proves nothing then.
 */
export interface DatabaseUse {
  readonly kind: 'frozen' | 'deployed' | 'unused' | 'restarted';
  /** Address of the side's frozen database, if it could not be reached and therefore not be compared. */
  readonly lost: DatabaseAddress | null;
}

interface Read {
  readonly migration: string;
  readonly side: Side;
  readonly address: DatabaseAddress;
  readonly guards: Pick<SideGuards, 'find'>;
  readonly namedBy: (record: MigrationRecord) => Promise<readonly NamedDatabase[]>;
}

/**
 * Compares a database that was read with those that a migration uses: first the addresses, because a server that restarts between
 * two reads changes its identity; then the identities, because one database can have two addresses.
 */
export async function databaseUse(
  { migration, side, address, guards, namedBy }: Read,
  record: MigrationRecord,
  found: FoundSide,
): Promise<DatabaseUse> {
  const named = await namedBy(record);
  const atAddress = named.filter((database) => isSameDatabase(database.address, address));
  if (atAddress.some(({ isFrozen }) => isFrozen)) return { kind: 'frozen', lost: null };
  const identities = new Map<NamedDatabase, string | null>();
  for (const database of named)
    if (!atAddress.includes(database)) identities.set(database, await database.identity());
  const isFound = (database: NamedDatabase) =>
    atAddress.includes(database) || identities.get(database) === found.identity;
  const lost =
    named.find((database) => database.isFrozen && database.side === side && identities.get(database) === null)
      ?.address ?? null;
  if (named.some((database) => database.isFrozen && isFound(database))) return { kind: 'frozen', lost: null };
  if ((await guards.find(migration)).identity !== found.identity) return { kind: 'restarted', lost };
  return { kind: named.some(isFound) ? 'deployed' : 'unused', lost };
}
