import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Definition } from '../core/definition/definition';
import type { Deployed } from '../core/execution/generation-start';
import { endpointOf, type WorldOptions } from './world';

/** A definition with its endpoints of one environment and the texts of its schema files. */
export const deployedDefinition = async (
  definition: Definition,
  { environment, assetDirectory }: Pick<WorldOptions, 'environment' | 'assetDirectory'>,
): Promise<Deployed> => ({
  definition,
  source: endpointOf(definition, 'source', environment),
  target: endpointOf(definition, 'target', environment),
  schemaTexts: await Promise.all(
    definition.targetSchema.map((file) => readFile(join(assetDirectory, 'migrations', file), 'utf8')),
  ),
});
