import type { ColumnDescription } from '../catalog';
import type { Problem } from '../errors';
import type { Pair } from './facts';
import { chunkColumns, columnSubject } from './key-columns';
import { isBuiltIn, isObjectName } from './value-types';

/** Types whose order is one and the same wherever the server runs; chunks are ranges of it. */
export const keyTypes = (pair: Pair): Problem[] =>
  chunkColumns(pair).flatMap(({ end, column }) => {
    const found = whyNotKey(column);
    if (found === null) return [];
    return [
      {
        check: 'key-types',
        subject: columnSubject(end, column.name),
        found: `it orders the chunks, and ${found}`,
        remedy: 'choose another unique key in key, or another column in chunking.by',
      },
    ];
  });

function whyNotKey({ type, value, collation }: ColumnDescription): string | null {
  const { typeName, kind } = value;
  if (!value.orderable) return `${type} has no order`;
  if (value.arrayLevels > 0 || kind === 'composite') return `${type} is made of several values`;
  if (['float4', 'float8'].includes(typeName)) return `${type} does not compare exactly`;
  if (typeName === 'jsonb') return `the order of ${type} depends on the database's collation`;
  if (isObjectName(value)) return `${type} means something else in every database`;
  if (kind !== 'enum' && !isBuiltIn(value)) return `the order of ${type} is an extension's own`;
  if (collation && !collation.deterministic) return `collation ${collation.name} is nondeterministic`;
  return null;
}
