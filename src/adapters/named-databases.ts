import { SIDES, type Side } from '../contract/sides';
import type { Definition, Endpoint } from '../core/definition/definition';
import { isSameDatabase } from '../core/definition/same-database';
import { TransientFailure } from '../core/errors';
import type { NamedDatabase, SideGuards } from '../core/ownership/ports';
import { StatementRefused } from './postgres/statement-refused';

type Reach = (side: Side, endpoint: Endpoint) => Pick<SideGuards, 'find'>;

/** The databases that a generation was started with, and those of the deployed definition that are others. */
export const namedDatabases = (
  definition: Definition,
  environment: string,
  frozen: Readonly<Record<Side, Endpoint>>,
  reach: Reach,
): readonly NamedDatabase[] =>
  SIDES.flatMap((side) => {
    const named = (endpoint: Endpoint, isFrozen: boolean): NamedDatabase => ({
      ...{ side, address: endpoint, isFrozen },
      identity: () => identityOf(reach(side, endpoint), definition.name),
    });
    const deployed = definition[side][environment];
    if (deployed === undefined) return [named(frozen[side], true)];
    // The secrets of the deployed definition may be newer.
    if (isSameDatabase(deployed, frozen[side])) return [named(deployed, true)];
    return [named(frozen[side], true), named(deployed, false)];
  });

async function identityOf(guards: Pick<SideGuards, 'find'>, migration: string): Promise<string | null> {
  try {
    return (await guards.find(migration)).identity;
  } catch (error) {
    if (mayExist(error)) throw error;
    return null;
  }
}

/** SQLSTATE of a server that does not have the database. */
const INVALID_CATALOG_NAME = '3D000';
/** Errors about the caller, which do not show whether there is a database. */
const ABOUT_THE_CALLER =
  /^(AccessDenied|Forbidden|Credentials|UnrecognizedClient|InvalidClientToken|InvalidSignature|ExpiredToken|IncompleteSignature|MissingAuthentication)/;

/** Whether a failed read leaves open that the database exists: the failure may not recur, or the database refused the read. */
function mayExist(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof TransientFailure) return true;
  if (error instanceof StatementRefused) return error.sqlState !== INVALID_CATALOG_NAME;
  return ABOUT_THE_CALLER.test(error.name);
}
