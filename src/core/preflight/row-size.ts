import type { Problem } from '../errors';
import type { Facts, Pair } from './facts';

const MIB = 1_048_576;

/**
 * Text of one row, in bytes, that can be moved. A row that no request carries goes in slices, and the server writes its
 * text anew for each call of them: beyond this it outlasts the function that moves it. A server needs six times as much memory.
 */
export const ROW_BYTES_MAX = 100 * MIB;

/** No row is too large to travel, as far as the table tells in time. */
export const rowSize = ({ mapping, source }: Pair, facts: Facts): Problem[] => {
  const size = facts.rowSizes.get(mapping.source);
  if (!source || !size || size.bytesMax <= ROW_BYTES_MAX) return [];
  return [
    {
      check: 'row-size',
      subject: `source table ${source.name}`,
      found: `a row has ${Math.ceil(size.bytesMax / MIB)} MiB of text (bytea counts double), and at most ${ROW_BYTES_MAX / MIB} MiB of one row can be moved`,
      remedy: 'leave the large column behind with omit and move its values by other means, or delete the row',
    },
  ];
};
