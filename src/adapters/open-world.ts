/** Opens the world of a migration from the ledger: a function acts on what was frozen when its generation started. */
import { SUPPORTED_VERSIONS } from '../contract/versions';
import { thawDefinition } from '../core/definition/frozen-definition';
import { withOverrides } from '../core/definition/live-settings';
import type { Definition } from '../core/definition/definition';
import { WrongState } from '../core/errors';
import type { MigrationRecord } from '../core/ledger';
import type { ClaimWorld } from '../core/execution/claim-migration';
import type { Control, World } from '../core/world';
import { loadDefinition } from './definitions';
import { deployedDefinition } from './deployed-definition';
import { isRunning, stop } from './sfn/executions';
import { clientsOf, controlOf, createWorld, systemClock, type WorldOptions } from './world';

export interface OpenOptions extends Omit<WorldOptions, 'definition' | 'schemaHashes'> {
  readonly migration: string;
  /** Loads the deployed definition. @default from the bundle */
  readonly load?: (migration: string) => Promise<Definition>;
}

/**
 * The world of the migration's current generation. The deployed definition contributes only its row functions, and need not exist.
 * @throws WrongState if the migration was never started
 * @throws InconsistentLedger if the frozen definition is damaged
 */
export async function openWorld(options: OpenOptions): Promise<World> {
  const { migration, environment, load = loadDefinition } = options;
  const control = openLedger(options).control;
  const record = await control.record(migration);
  if (!record)
    throw new WrongState(
      `migration ${migration} was never started in environment ${environment}. Start it: npx sluice start ${migration} --env ${environment}`,
    );
  failUnlessSupported(record);
  const frozen = await control.definitions.read(migration, record.definition);
  const computes = frozen.tables.some(({ rowFunction }) => rowFunction !== undefined);
  const deployed = computes ? await load(migration).catch(() => null) : null;
  return createWorld({
    ...options,
    installed: record.installed,
    definition: thawDefinition(withOverrides(frozen, record.overrides), environment, deployed),
    schemaHashes: new Map(frozen.targetSchema.map(({ file, hash }) => [file, hash])),
  });
}

/** @throws WrongState if this code cannot call the functions that the generation installed */
function failUnlessSupported({ migration, generation, installed, code }: MigrationRecord): void {
  if (SUPPORTED_VERSIONS.includes(installed)) return;
  throw new WrongState(
    `generation ${generation} of migration ${migration} installed functions of version ${installed}, and this code calls versions ${SUPPORTED_VERSIONS.join(', ')}. Run its steps with code version ${code}`,
  );
}

/** Opens the ledger and the deployed definition, which a new generation freezes. */
export const openClaim = ({ load = loadDefinition, ...options }: OpenOptions): ClaimWorld => ({
  ...openLedger(options),
  clock: systemClock,
  isRunning: (execution) => isRunning(clientsOf(options).sfn, execution),
  stop: (execution, cause) => stop(clientsOf(options).sfn, execution, cause),
  deployed: async () => deployedDefinition(await load(options.migration), options),
});

/** The ledger alone. */
export const openLedger = (options: OpenOptions): { readonly control: Control } => ({
  control: controlOf(options),
});
