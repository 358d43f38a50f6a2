import type { Side } from '../../contract/sides';
import { TransientFailure } from '../../core/errors';
import { quoteIdentifier, type TableName } from '../../core/identifier';
import type { Layout } from '../../core/layout';
import type { CaptureState, Installer } from '../../core/ports';
import type { Database } from './database';
import { asRaised, isInstalled } from './installed';
import {
  CAPTURES,
  START_CAPTURE,
  STOP_CAPTURE,
  CREATE_TARGET,
  DROP_UNUSED,
  NOTE_EMPTY,
  REGISTER_GUARD,
  UNINSTALL,
} from './sql/statements';
import { installSql } from './install';

/** How long one attempt to lock a captured table may block writers. */
const LOCK_MS = 400;
/** How long one call retries; below the Data API's limit of 45 s. */
const TOTAL_MS = 20_000;

/** Installs and removes the objects of one side, with the owner's login. */
export class DatabaseInstaller implements Installer {
  constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly side: Side,
  ) {}

  async install(workerLogin: string): Promise<void> {
    try {
      await this.database.query(installSql(quoteIdentifier(workerLogin)));
    } catch (error) {
      throw asRaised(error);
    }
  }

  async createTables(
    migration: string,
    files: readonly string[],
    tables: readonly TableName[],
    workerLogin: string,
  ): Promise<number> {
    const [row] = await this.database.query(CREATE_TARGET, {
      migration,
      side: this.side,
      files: JSON.stringify(files),
      tables: JSON.stringify(tables),
      worker: workerLogin,
    });
    return Number(row!.created);
  }

  async register(migration: string, epoch: number, tables: readonly TableName[]): Promise<void> {
    await this.database.query(REGISTER_GUARD, {
      migration,
      side: this.side,
      epoch,
      tables: JSON.stringify(tables),
    });
  }

  async noteEmpty(migration: string): Promise<readonly string[]> {
    const rows = await this.database.query(NOTE_EMPTY, { migration, side: this.side });
    return rows.map((row) => String(row.name));
  }

  async uninstall(migration: string): Promise<readonly string[]> {
    if (!(await isInstalled(this.database))) return [];
    const kept = await this.database.query(UNINSTALL, { migration, side: this.side });
    await this.database.query(DROP_UNUSED);
    return kept.map((table) => String(table.name));
  }

  async startCapture(
    migration: string,
    generation: number,
    table: string,
    layout: Layout,
    logBytesMax: number,
  ): Promise<CaptureState> {
    const identity = layout.key.filter(({ to }) => layout.identity.includes(to));
    await this.database.query(START_CAPTURE, {
      migration,
      side: this.side,
      generation,
      table,
      schema: layout.from.schema,
      name: layout.from.name,
      key: JSON.stringify(layout.key.map(({ from }) => from)),
      identity: JSON.stringify(identity.map(({ from }) => from)),
      partitions: layout.partitions,
      logBytesMax,
      lockMs: LOCK_MS,
      totalMs: TOTAL_MS,
    });
    const captures = await this.database.query(CAPTURES, { migration, side: this.side, generation });
    const capture = captures.find((row) => row.table_name === table);
    if (!capture)
      throw new TransientFailure(`the capture of ${table} was removed concurrently with its start`);
    return { table, id: String(capture.id), lost: capture.lost === null ? null : String(capture.lost) };
  }

  async stopCapture(migration: string): Promise<void> {
    if (!(await isInstalled(this.database))) return;
    const stop = { migration, side: this.side, lockMs: LOCK_MS, totalMs: TOTAL_MS };
    for (;;) {
      const [row] = await this.database.query(STOP_CAPTURE, stop);
      if (Number(row!.remaining) === 0) return;
    }
  }
}
