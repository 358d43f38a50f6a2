import type { TableDescription } from '../../core/catalog';
import { TransientFailure } from '../../core/errors';
import type { Layout } from '../../core/layout';
import { ROW_BYTES_MAX, type RowSize } from '../../core/preflight';
import type { Database } from './database';
import { StatementRefused } from './statement-refused';
import { largestRowSql } from './sql/catalog/largest-row';

/** One compressed byte holds at most so many bytes (lz4; below 90 for pglz). */
const COMPRESSION_MAX = 255;
/** Heap bytes that one measurement reads at most; it samples a larger heap. */
const HEAP_BYTES_MAX = 512 * 1_048_576;
/** Duration of all measurements together, and of one. */
const TOTAL_MS_MAX = 60_000;
const TABLE_MS_MAX = 10_000;
/** The Data API's limit for a statement; another check reports a table that exceeds it. */
const SQL_CHARACTERS_MAX = 65_536;

/**
 * Measures the largest row of a table, within bounded time. It does not fetch values that are stored out of line, because
 * their length is in the heap. Null if the size is unknown, because time ran out or the login may not read the table.
 */
export async function sizeOfRows(
  database: Database,
  layout: Layout,
  source: TableDescription,
  tables: number,
): Promise<RowSize | null> {
  // Values that are stored in line fit in a block.
  if (source.toastBytes * COMPRESSION_MAX < ROW_BYTES_MAX) return { bytesMax: 0, complete: true };
  const sql = largestRowSql(layout, source);
  if (sql === null) return { bytesMax: 0, complete: true };
  if (sql.length > SQL_CHARACTERS_MAX || source.hasForeignPartitions) return null;
  const percent = Math.min(100, (HEAP_BYTES_MAX / Math.max(1, source.heapBytes)) * 100);
  const timeoutMs = Math.min(TABLE_MS_MAX, Math.floor(TOTAL_MS_MAX / tables));
  const bytesMax = await measureLargestRow(database, sql, percent, timeoutMs);
  return bytesMax === null ? null : { bytesMax, complete: percent === 100 };
}

async function measureLargestRow(
  database: Database,
  sql: string,
  percent: number,
  timeoutMs: number,
): Promise<number | null> {
  try {
    return await database.rehearse(async ({ query }) => {
      await query(`SET LOCAL statement_timeout = ${timeoutMs}`);
      const [row] = await query(sql, { percent: String(percent) });
      return Number(row?.bytes ?? 0);
    });
  } catch (error) {
    if (error instanceof StatementRefused || error instanceof TransientFailure) return null;
    throw error;
  }
}
