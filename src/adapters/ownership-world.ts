import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { controlTableName } from '../contract/names';
import type { Side } from '../contract/sides';
import type { Definition, Endpoint } from '../core/definition/definition';
import type { ForgetWorld } from '../core/ownership/forget';
import type { OwnershipWorld } from '../core/ownership/world';
import { deployedDefinition } from './deployed-definition';
import { ControlTable } from './dynamodb/control-table';
import { namedDatabases } from './named-databases';
import { DatabaseLogins } from './postgres/logins';
import { DatabaseSideGuards } from './postgres/side-guards';
import { versionedDatabase } from './postgres/versioned-database';
import { endpointOf, systemClock, type Clients } from './world';

export interface OwnershipOptions {
  readonly definition: Definition;
  readonly environment: string;
  /** Directory that holds `migrations/**\/*.sql`. */
  readonly assetDirectory: string;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly connect: Clients['connect'];
}

/** Connects `npx sluice adopt` to the control table and, with the owners' logins, to both databases. */
export function createOwnershipWorld(options: OwnershipOptions): OwnershipWorld {
  const { definition, environment } = options;
  const logins = (side: Side) => {
    const endpoint = endpointOf(definition, side, environment);
    return new DatabaseLogins((login) => options.connect(endpoint, login)).names();
  };
  const guardsOf = (side: Side) => sideGuards(options, side, endpointOf(definition, side, environment));
  return {
    environment,
    definition,
    deployed: () => deployedDefinition(definition, options),
    clock: systemClock,
    control: new ControlTable(options.dynamodb, controlTableName(environment)),
    guards: { source: guardsOf('source'), target: guardsOf('target') },
    logins,
  };
}

/** An address of a database, with the secret of its owner's login. */
type OwnerEndpoint = Pick<Endpoint, 'clusterArn' | 'database' | 'ownerSecretArn'>;

/** The command uses the owner's login alone. */
const NO_OTHER_LOGINS = { controlSecretArn: '', workerSecretArn: '', verifierSecretArn: '' };

/**
 * Connects `npx sluice forget` to one database.
 * @param endpoint of a database that is not the definition's, e.g. of a restored copy; null: the definition's
 */
export async function createForgetWorld(
  options: OwnershipOptions,
  side: Side,
  endpoint: OwnerEndpoint | null,
): Promise<ForgetWorld> {
  const { definition, environment } = options;
  const reached = endpoint ?? endpointOf(definition, side, environment);
  const control = new ControlTable(options.dynamodb, controlTableName(environment));
  return {
    ...{ migration: definition.name, environment, side, address: reached },
    guards: sideGuards(options, side, { ...NO_OTHER_LOGINS, ...reached }),
    control: (await exists(control)) ? control : null,
    namedBy: async (record) =>
      namedDatabases(
        definition,
        environment,
        await control.definitions.read(record.migration, record.definition),
        (at, named) => sideGuards(options, at, named),
      ),
  };
}

const sideGuards = ({ connect }: OwnershipOptions, side: Side, endpoint: Endpoint): DatabaseSideGuards =>
  new DatabaseSideGuards(versionedDatabase(connect(endpoint, 'owner')), side);

/** A control plane that was removed has no control table, and a restored copy may still have to be released. */
async function exists(control: ControlTable): Promise<boolean> {
  try {
    await control.record('~');
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return false;
    throw error;
  }
}
