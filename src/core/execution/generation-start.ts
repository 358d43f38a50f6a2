import { stagesOf } from '../../contract/lifecycle';
import type { DeployedCode } from '../../contract/payloads';
import { INSTALLED_VERSION } from '../../contract/versions';
import type { Definition } from '../definition/definition';
import { freezeDefinition, type Deployment } from '../definition/frozen-definition';
import type { GenerationStart, MigrationRecord } from '../ledger';
import type { Control } from '../world';

/** A definition as deployed, with the parts that depend on the environment. */
export interface Deployed extends Deployment {
  readonly definition: Definition;
}

export interface StartWorld {
  readonly control: Pick<Control, 'definitions'>;
  /** Reads the deployed definition. @throws why the deployment has no valid one for this environment */
  readonly deployed: () => Promise<Deployed>;
}

/** The code that is to run a generation, and the start of its first run. */
export interface Start extends DeployedCode {
  readonly migration: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Freezes the deployed definition for a new generation. Its parts are stored before a record refers to them. */
export async function generationStart(
  { control, deployed }: StartWorld,
  { migration, code, syncMachine, startedAt }: Start,
): Promise<GenerationStart> {
  const { definition, ...deployment } = await deployed();
  return {
    shape: definition.shape,
    definition: await control.definitions.store(migration, freezeDefinition(definition, deployment)),
    installed: INSTALLED_VERSION,
    stages: stagesOf(definition.shape),
    ...{ code, syncMachine },
    runStartedAt: startedAt,
  };
}

/** Attributes that every generation starts with, so that nothing of the one before it remains. */
export const FRESH = {
  fenceDeadline: null,
  sync: null,
  captureLost: null,
  overrides: {},
  overridesRevision: 0,
  differences: null,
  abortEpoch: null,
  wave: null,
  fencesCancelled: 0,
  comparisonRounds: 0,
  notReady: null,
  notices: null,
  failure: null,
  adoption: null,
} as const satisfies Partial<MigrationRecord>;
