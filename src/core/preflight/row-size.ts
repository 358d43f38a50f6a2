import type { Problem } from '../errors';
import type { Facts, Pair } from './facts';

const MIB = 1_048_576;

/**
 * The largest text of one row that can be moved, in bytes. A row that does not fit into one request is sent in slices, and the server
 * converts the whole text for each slice: a larger row outlasts the function. The server needs six times as much memory.
 */
export const ROW_BYTES_MAX = 100 * MIB;

/** Refuses rows that are too large to move, as far as a quick scan of the table finds them. */
export const rowSize = ({ mapping, source }: Pair, facts: Facts): Problem[] => {
  const size = facts.rowSizes.get(mapping.source);
  if (!source || !size || size.bytesMax <= ROW_BYTES_MAX) return [];
  return [
    {
      check: 'row-size',
      subject: `source table ${source.name}`,
      found: `a row has ${Math.ceil(size.bytesMax / MIB)} MiB of text (bytea counts double), but at most ${ROW_BYTES_MAX / MIB} MiB of one row can be moved`,
      remedy: 'Omit the large column and move its values by other means, or delete the row',
    },
  ];
};
