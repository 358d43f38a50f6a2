import type { Definition } from '../core/definition/definition';
import { InvalidDefinition, UnknownMigration } from '../core/errors';

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * Loads the definition of a migration from `migrations/<name>.ts`, which is part of the bundle.
 * @throws UnknownMigration if the file does not exist
 * @throws InvalidDefinition if the file does not export a definition of that name
 */
export async function loadDefinition(name: string): Promise<Definition> {
  if (!NAME.test(name)) throw new UnknownMigration(name);
  const module = await importDefinition(name);
  const definition = module.default;
  if (definition?.name !== name) {
    throw new InvalidDefinition(name, [
      `migrations/${name}.ts exports a definition named ${JSON.stringify(definition?.name)}; rename it to ${name}`,
    ]);
  }
  return definition;
}

async function importDefinition(name: string): Promise<{ default?: Definition }> {
  try {
    return (await import(`../../migrations/${name}.ts`)) as { default?: Definition };
  } catch (error) {
    if (
      error instanceof Error &&
      /not found in bundle|cannot find module|ERR_MODULE_NOT_FOUND/i.test(error.message)
    ) {
      throw new UnknownMigration(name);
    }
    throw error;
  }
}
