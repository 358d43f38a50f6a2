import type { Problem } from '../errors';
import type { Pair } from './facts';

const GIB = 1_073_741_824;
/** One statement on each side compares a chunk within forty seconds, at 50 MB a second, out-of-line values included. */
const CHUNK_BYTES_MAX = 2 * GIB;
/** The smallest chunk that a definition may request. */
const CHUNK_ROWS_MIN = 100;

/** Estimates from the table's statistics whether one statement can compare a chunk before its timeout. */
export const chunkSize = ({ mapping, source }: Pair): Problem[] => {
  if (!source || source.table.rowsEstimated <= 0) return [];
  const { heapBytes, toastBytes, rowsEstimated } = source.table;
  const rowBytes = (heapBytes + toastBytes) / rowsEstimated;
  const rows = Math.min(mapping.chunking.rows, rowsEstimated);
  const fitting = Math.floor(CHUNK_BYTES_MAX / rowBytes);
  // Larger than any row: most of the space belonged to deleted rows.
  if (rows <= fitting || fitting < CHUNK_ROWS_MIN) return [];
  const leading = 10 ** Math.floor(Math.log10(fitting));
  return [
    {
      check: 'chunk-size',
      subject: `source table ${source.name}`,
      found: `a chunk of ${rows} rows has about ${((rows * rowBytes) / GIB).toFixed(1)} GiB, but one comparison can read only ${CHUNK_BYTES_MAX / GIB} GiB before its timeout`,
      remedy: `Set chunking.rows to ${Math.floor(fitting / leading) * leading}. If the table's statistics are old, ANALYZE it first`,
    },
  ];
};
