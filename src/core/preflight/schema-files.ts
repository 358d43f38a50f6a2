import type { Problem } from '../errors';
import type { Facts } from './facts';

/** Requires that the files of `targetSchema` can run, or that the target's tables exist already. */
export function schemaFiles(facts: Facts): Problem[] {
  const { schema, definition } = facts;
  if (schema?.outcome === 'failed' && schema.failure) {
    return [
      {
        check: 'schema-files',
        subject: `schema file ${schema.failure.file}`,
        found: schema.failure.message,
        remedy: 'Correct the file. The files run in order, in one transaction, as the owner of the target',
      },
    ];
  }
  if (schema?.outcome === 'partial') {
    const missing = definition.tables
      .map(({ target }) => target)
      .filter((table) => !schema.existing.includes(table));
    return [
      {
        check: 'schema-files',
        subject: 'target',
        found: `the schema files were not run: ${schema.existing.join(', ')} exists, ${missing.join(', ')} does not`,
        remedy: 'Drop the tables that exist, or create the others yourself',
      },
    ];
  }
  return [];
}
