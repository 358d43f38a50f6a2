import type { TableDescription } from '../../core/catalog';
import { TransientFailure } from '../../core/errors';
import type { Layout } from '../../core/layout';
import { ROW_BYTES_MAX, type RowSize } from '../../core/preflight';
import type { Database } from './database';
import { StatementRefused } from './statement-refused';
import { largestRowSql } from './sql/catalog/largest-row';

/** No compression of PostgreSQL's makes more of one byte (lz4; pglz stays below 90). */
const COMPRESSION_MAX = 255;
/** Heap that one look reads at most; of larger heaps it is a sample. */
const HEAP_BYTES_MAX = 512 * 1_048_576;
/** Of all tables together, and of one. */
const LOOKS_MS_MAX = 60_000;
const LOOK_MS_MAX = 10_000;
/** The Data API's limit for a statement; a table beyond it is named by another check. */
const SQL_CHARACTERS_MAX = 65_536;

/**
 * Looks for rows that are too large to travel, within bounded time. Values out of line are not fetched: their length is
 * in the heap. Null: nothing is known, because there was no time, or the login may not read.
 */
export async function sizeOfRows(
  database: Database,
  layout: Layout,
  source: TableDescription,
  tables: number,
): Promise<RowSize | null> {
  // What is stored in line fits in a block.
  if (source.toastBytes * COMPRESSION_MAX < ROW_BYTES_MAX) return { bytesMax: 0, complete: true };
  const sql = largestRowSql(layout, source);
  if (sql === null) return { bytesMax: 0, complete: true };
  if (sql.length > SQL_CHARACTERS_MAX || source.hasForeignPartitions) return null;
  const percent = Math.min(100, (HEAP_BYTES_MAX / Math.max(1, source.heapBytes)) * 100);
  const timeoutMs = Math.min(LOOK_MS_MAX, Math.floor(LOOKS_MS_MAX / tables));
  const bytesMax = await lookFor(database, sql, percent, timeoutMs);
  return bytesMax === null ? null : { bytesMax, complete: percent === 100 };
}

async function lookFor(
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
