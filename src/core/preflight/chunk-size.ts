import type { Problem } from '../errors';
import type { Pair } from './facts';

const GIB = 1_073_741_824;
/** A chunk is compared by one statement on each side, which has forty seconds: at 50 MB a second, values out of line included. */
const CHUNK_BYTES_MAX = 2 * GIB;
/** What a definition may ask for at least. */
const CHUNK_ROWS_MIN = 100;

/** A chunk can be compared in the time of one statement, as far as the table's statistics tell. */
export const chunkSize = ({ mapping, source }: Pair): Problem[] => {
  if (!source || source.table.rowsEstimated <= 0) return [];
  const { heapBytes, toastBytes, rowsEstimated } = source.table;
  const rowBytes = (heapBytes + toastBytes) / rowsEstimated;
  const rows = Math.min(mapping.chunking.rows, rowsEstimated);
  const fitting = Math.floor(CHUNK_BYTES_MAX / rowBytes);
  // Rows of that size are no rows but space that deleted ones left.
  if (rows <= fitting || fitting < CHUNK_ROWS_MIN) return [];
  const leading = 10 ** Math.floor(Math.log10(fitting));
  return [
    {
      check: 'chunk-size',
      subject: `source table ${source.name}`,
      found: `a chunk of ${rows} rows has about ${((rows * rowBytes) / GIB).toFixed(1)} GiB, and one comparison can read ${CHUNK_BYTES_MAX / GIB} GiB in its time`,
      remedy: `set chunking.rows to ${Math.floor(fitting / leading) * leading}; if the table's statistics are old, ANALYZE it first`,
    },
  ];
};
