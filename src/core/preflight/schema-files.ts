import type { Problem } from '../errors';
import type { Facts } from './facts';

/** The files of `targetSchema` run, or ran before. */
export function schemaFiles(facts: Facts): Problem[] {
  const { schema, definition } = facts;
  if (schema?.outcome === 'failed' && schema.failure) {
    return [
      {
        check: 'schema-files',
        subject: `schema file ${schema.failure.file}`,
        found: schema.failure.message,
        remedy: 'correct the file; the files run in order, in one transaction, as the owner of the target',
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
        found: `${schema.existing.join(', ')} is there, ${missing.join(', ')} is not: the schema files were not run`,
        remedy: 'drop what is left of the tables that are there, or create the others yourself',
      },
    ];
  }
  return [];
}
