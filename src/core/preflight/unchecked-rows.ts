import type { CheckDescription, TableDescription } from '../catalog';
import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { mappedColumns } from '../layout';
import type { Pair } from './facts';

/**
 * Refuses constraints of the target that existing rows of the source may violate, because the source has the same one as NOT VALID or
 * NOT ENFORCED. PostgreSQL checks them for every row that is written, also if the target's is NOT VALID.
 */
export const uncheckedRows = ({ mapping, source, target }: Pair): Problem[] => {
  if (!source || !target) return [];
  const columns = mappedColumns(mapping, source.table);
  return source.table.checks
    .filter(({ validated, enforced }) => !validated || !enforced)
    .filter((check) => refuses(target.table, check, columns))
    .map(({ name, column }) => ({
      check: 'unchecked-rows',
      subject: `source table ${mapping.source}`,
      found: `constraint ${name}${column === null ? '' : ` (NOT NULL of ${column})`} was not checked for existing rows, and the target refuses rows that violate it`,
      remedy: `ALTER TABLE ${mapping.source} VALIDATE CONSTRAINT ${quoteIdentifier(name)}, or add it to the target once the migration is done`,
    }));
};

function refuses(
  target: TableDescription,
  { name, column, expression }: CheckDescription,
  columns: ReadonlyMap<string, string>,
): boolean {
  if (column !== null)
    return target.columns.some((each) => each.name === columns.get(column) && each.refusesNull);
  return target.checks.some(
    (check) =>
      check.column === null && check.enforced && (check.name === name || check.expression === expression),
  );
}
