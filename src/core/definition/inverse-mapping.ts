import type { Direction, Side } from '../../contract/sides';
import type { TableDescription } from '../catalog';
import type { Mapping } from './definition';
import { InvalidDefinition } from '../errors';
import { columnNamed, expressionsOf, keyOf, mappedColumns } from '../layout';

/**
 * Returns the mapping for a direction: its `source` is the table that is read, its `target` the table that is written.
 * @throws InvalidDefinition if part of the mapping has no inverse
 * @throws MappingMismatch if a mapped column is missing
 */
export const mappingFor = (
  direction: Direction,
  migration: string,
  mapping: Mapping,
  tables: Readonly<Record<Side, TableDescription>>,
): Mapping => (direction === 'forward' ? mapping : inverseOf(migration, mapping, tables));

/** How existing rows of the receiving table are treated. A definition can only allow the target's rows to be replaced. */
export const existingRowsFor = (direction: Direction, mapping: Mapping): Mapping['existingRows'] =>
  direction === 'forward' ? mapping.existingRows : 'refuse';

/** Inverts a mapping. Columns that only one of the tables has are omitted. */
function inverseOf(
  migration: string,
  mapping: Mapping,
  { source, target }: Readonly<Record<Side, TableDescription>>,
): Mapping {
  refuseWithoutInverse(migration, mapping);
  const carried = mappedColumns(mapping, source);
  const returned = new Set([...carried.values()].map((name) => columnNamed(target, name).name));
  const { by, rows } = mapping.chunking;
  return {
    source: mapping.target,
    target: mapping.source,
    columns: Object.fromEntries(carried),
    omit: target.columns.map(({ name }) => name).filter((name) => !returned.has(name)),
    key: keyOf(mapping, source).map((name) => carried.get(name) ?? name),
    chunking: { rows, ...(by === undefined ? {} : { by: carried.get(by) ?? by }) },
    existingRows: existingRowsFor('reverse', mapping),
  };
}

function refuseWithoutInverse(migration: string, mapping: Mapping): void {
  const problem = (part: string): string =>
    `mapping ${mapping.source} → ${mapping.target}: ${part} has no inverse, so rows cannot move back to ${mapping.source}. Migrate forward only, or remove that part`;
  const problems = [...expressionsOf(mapping).keys()].map((column) => problem(`computed column ${column}`));
  for (const column of mapping.rowFunction?.writes ?? [])
    problems.push(problem(`column ${column} of the row function`));
  if (mapping.where !== undefined) problems.push(problem('where'));
  if (problems.length > 0) throw new InvalidDefinition(migration, problems);
}
