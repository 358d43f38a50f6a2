import type { Side } from '../../contract/sides';
import type { Layout } from '../../core/layout';
import type { GenerationName } from '../../core/ledger';
import type {
  CaptureState,
  ChangeLog,
  DirtyPage,
  DirtyPageSize,
  DirtyPartitions,
  DirtyRow,
  Key,
  LogDepth,
} from '../../core/ports';
import type { Database, Row } from './database';
import { CAPTURES, DEPTH, DIRTY_PARTITIONS, ENQUEUE, FORGET } from './sql/statements';
import { readDirtySql } from './sql/change-log/read-dirty';

/** With more entries, the ids of one key could exceed the limit of a result row. */
const ENTRIES_MAX = 2_000;
/** Bytes of a result, below the Data API's limit of 1 MiB. */
const BYTES_MAX = 1_000_000;

/** Reads and clears the change log of one side, with the worker's login. */
export class DatabaseChangeLog implements ChangeLog {
  constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly side: Side,
  ) {}

  async captures({ owner, migration, generation }: GenerationName): Promise<readonly CaptureState[]> {
    const rows = await this.database.query(CAPTURES, { owner, migration, side: this.side, generation });
    return rows.map((row) => ({
      table: String(row.table_name),
      id: String(row.id),
      lost: row.lost === null ? null : String(row.lost),
    }));
  }

  async readDirty(
    layout: Layout,
    capture: string,
    partition: number,
    after: string | null,
    size: DirtyPageSize,
  ): Promise<DirtyPage> {
    const entriesMax = Math.min(size.entriesMax, ENTRIES_MAX);
    const rows = await this.database.query(readDirtySql(layout), {
      capture,
      partition,
      after: after ?? '0',
      entriesMax,
      rowBytesMax: size.rowBytesMax,
      bytesMax: Math.min(size.bytesMax, BYTES_MAX),
    });
    return { rows: rows.map(dirtyRowOf), next: nextOf(rows[0], entriesMax) };
  }

  async forget(capture: string, partition: number, entries: readonly string[]): Promise<void> {
    if (entries.length === 0) return;
    await this.database.query(FORGET, { capture, partition, entries: `{${entries.join(',')}}` });
  }

  async enqueue(_layout: Layout, capture: string, keys: readonly Key[]): Promise<void> {
    if (keys.length === 0) return;
    await this.database.query(ENQUEUE, { capture, keys: JSON.stringify(keys) });
  }

  async dirtyPartitions(captures: readonly string[]): Promise<DirtyPartitions> {
    const [row] = await this.database.query(DIRTY_PARTITIONS, { captures: `{${captures.join(',')}}` });
    const dirty = String(row!.dirty).split(',');
    return { dirty: new Set(dirty.filter((name) => name !== '')), atMs: Number(row!.at_ms) };
  }

  async depth({ owner, migration, generation }: GenerationName): Promise<readonly LogDepth[]> {
    const rows = await this.database.query(DEPTH, { owner, migration, side: this.side, generation });
    return rows.map((row) => ({
      table: String(row.table_name),
      entries: Number(row.entries),
      oldestMs: Number(row.oldest_ms),
    }));
  }
}

const dirtyRowOf = (row: Row): DirtyRow => ({
  entries: String(row.entries).split(','),
  key: String(row.key),
  ageMs: Number(row.age_ms),
  row:
    row.state === 'row'
      ? (JSON.parse(String(row.row)) as (string | null)[])
      : (row.state as 'gone' | 'large'),
});

/** Continues before the first key that did not fit, otherwise after the last scanned entry; null if all were scanned. */
function nextOf(row: Row | undefined, entriesMax: number): string | null {
  if (row === undefined) return null;
  if (row.beyond !== null) return String(BigInt(String(row.beyond)) - 1n);
  return Number(row.scanned) < entriesMax ? null : String(row.last);
}
