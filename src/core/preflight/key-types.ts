import type { ColumnDescription } from '../catalog';
import type { Problem } from '../errors';
import type { Pair } from './facts';
import { chunkColumns, columnSubject } from './key-columns';
import { isBuiltIn, isObjectName } from './value-types';

/** Requires types whose order is the same on every server, because chunks are ranges of keys. */
export const keyTypes = (pair: Pair): Problem[] =>
  chunkColumns(pair).flatMap(({ end, column }) => {
    const found = whyNotKey(column);
    if (found === null) return [];
    return [
      {
        check: 'key-types',
        subject: columnSubject(end, column.name),
        found: `it orders the chunks, but ${found}`,
        remedy: 'Choose another unique key in key, or another column in chunking.by',
      },
    ];
  });

function whyNotKey({ type, value, collation }: ColumnDescription): string | null {
  const { typeName, kind } = value;
  if (!value.orderable) return `${type} has no order`;
  if (value.arrayLevels > 0 || kind === 'composite') return `${type} consists of several values`;
  if (['float4', 'float8'].includes(typeName)) return `${type} values do not compare exactly`;
  if (typeName === 'char')
    return `${type} is a type of PostgreSQL's own catalogs, which Sluice does not order`;
  if (typeName === 'jsonb') return `the order of ${type} depends on the database's collation`;
  if (isObjectName(value)) return `a value of ${type} refers to an object of its own database`;
  if (kind !== 'enum' && !isBuiltIn(value)) return `an extension defines the order of ${type}`;
  if (collation && !collation.deterministic) return `collation ${collation.name} is nondeterministic`;
  return null;
}
