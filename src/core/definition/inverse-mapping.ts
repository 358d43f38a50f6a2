import type { Direction, Side } from '../../contract/sides';
import type { TableDescription } from '../catalog';
import type { Mapping } from './definition';
import { InvalidDefinition } from '../errors';
import { columnNamed, expressionsOf, keyOf, mappedColumns } from '../layout';

/**
 * The mapping as a generation of a direction moves rows: its `source` is the table that is read, its `target` the table that
 * is written.
 * @throws InvalidDefinition if part of the mapping has no inverse
 * @throws MappingMismatch if a mapped column is missing
 */
export const mappingFor = (
  direction: Direction,
  migration: string,
  mapping: Mapping,
  tables: Readonly<Record<Side, TableDescription>>,
): Mapping => (direction === 'forward' ? mapping : inverseOf(migration, mapping, tables));

/** What may happen to rows that the receiving table holds. The definition allows only the target's rows to be replaced. */
export const existingRowsFor = (direction: Direction, mapping: Mapping): Mapping['existingRows'] =>
  direction === 'forward' ? mapping.existingRows : 'refuse';

/** Renamed columns get their names back. Columns that only one of the tables has do not travel. */
function inverseOf(
  migration: string,
  mapping: Mapping,
  { source, target }: Readonly<Record<Side, TableDescription>>,
): Mapping {
  refuseOneWay(migration, mapping);
  const carried = mappedColumns(mapping, source);
  const back = new Set([...carried.values()].map((name) => columnNamed(target, name).name));
  const { by, rows } = mapping.chunking;
  return {
    source: mapping.target,
    target: mapping.source,
    columns: Object.fromEntries(carried),
    omit: target.columns.map(({ name }) => name).filter((name) => !back.has(name)),
    key: keyOf(mapping, source).map((name) => carried.get(name) ?? name),
    chunking: { rows, ...(by === undefined ? {} : { by: carried.get(by) ?? by }) },
    existingRows: existingRowsFor('reverse', mapping),
  };
}

function refuseOneWay(migration: string, mapping: Mapping): void {
  const refused = (what: string): string =>
    `mapping ${mapping.source} → ${mapping.target}: ${what} has no inverse, so rows cannot move back to ${mapping.source}`;
  const problems = [...expressionsOf(mapping).keys()].map((column) => refused(`computed column ${column}`));
  for (const column of mapping.rowFunction?.writes ?? [])
    problems.push(refused(`column ${column} of the row function`));
  if (mapping.where !== undefined) problems.push(refused('where'));
  if (problems.length > 0) throw new InvalidDefinition(migration, problems);
}
