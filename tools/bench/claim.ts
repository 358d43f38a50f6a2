import type { DeployedCode, Run } from '../../src/contract/payloads';
import { claimMigration } from '../../src/core/execution/claim-migration';
import type { World } from '../../src/core/world';

/** Recorded by a benchmark that starts no machine. */
const NO_MACHINES: DeployedCode = { code: 'benchmark', syncMachine: 'none' };

/** Claims a world's migration as if its definition were deployed in this environment. */
export function claim(
  world: World,
  execution: string,
  environment: string,
  code: DeployedCode = NO_MACHINES,
): Promise<Run> {
  const { definition } = world;
  const deployed = async () => ({
    definition,
    source: definition.source[environment]!,
    target: definition.target[environment]!,
    schemaTexts: await world.schemaFiles('target'),
  });
  const startedAt = new Date().toISOString();
  return claimMigration(
    { ...world, deployed },
    {
      ...{ migration: definition.name, execution, startedAt },
      ...{ ...code, continueWith: 'recorded' },
    },
  );
}
