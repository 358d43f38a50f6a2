import type { LoginNames } from '../../contract/logins';
import type { Side } from '../../contract/sides';
import { TransientFailure, WrongState } from '../../core/errors';
import type { TableName } from '../../core/identifier';
import type { DatabaseNames } from '../../core/definition/same-database';
import type { Layout } from '../../core/layout';
import type { Installer } from '../../core/guard-ports';
import type { Authority, CaptureState } from '../../core/ports';
import type { Database } from './database';
import { authorityParameters, callInstalled, ifInstalled, isInstalled } from './installed';
import {
  CAPTURES,
  START_CAPTURE,
  STOP_CAPTURE,
  CREATE_TARGET,
  DROP_UNUSED,
  NOTE_EMPTY,
  REGISTER_GUARD,
  RESERVE_GUARD,
  UNINSTALL,
} from './sql/statements';
import { FOREIGN_OBJECTS, installStatements } from './install';
import { SQL_STATES } from './sql-states';
import { StatementRefused } from './statement-refused';

/** How long one attempt to lock a captured table may block writers. */
const LOCK_MS = 400;
/** How long one call retries; below the Data API's limit of 45 s. */
const TOTAL_MS = 20_000;

/** Whether an installed function is missing: an abort dropped the schema after the last guard in it was removed. */
const isSchemaGone = (error: unknown): boolean =>
  error instanceof StatementRefused &&
  [SQL_STATES.UNDEFINED_FUNCTION, SQL_STATES.INVALID_SCHEMA_NAME].some((state) => state === error.sqlState);

/** Installs and removes the objects of one side, with the owner's login. */
export class DatabaseInstaller implements Installer {
  private isSchemaOwn = false;

  constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly side: Side,
    /** Named in messages about this control plane's guards. */
    private readonly environment: string,
    /** Recorded in the guards, so that an adoption does not take two guards for a pair that are none. */
    private readonly ends: DatabaseNames | null = null,
  ) {}

  /** @throws WrongState if anything in the schema is not the login's: it may have changed since the installation */
  private async assertSchemaIsOwn(): Promise<void> {
    if (this.isSchemaOwn) return;
    const rows = await this.database.query(FOREIGN_OBJECTS);
    const found = rows.map((row) => String(row.found)).join('; ');
    if (rows.length > 0)
      throw new WrongState(
        `schema sluice of the ${this.side} is no longer only that of its owner's login: ${found}. Revoke or drop what Sluice did not create, then resume`,
      );
    this.isSchemaOwn = true;
  }

  async install(logins: LoginNames, authority?: Authority): Promise<void> {
    const [tables, ...functions] = installStatements(logins);
    await callInstalled(this.database, tables!, {});
    if (authority) await this.database.query(RESERVE_GUARD, authorityParameters(authority, this.side));
    for (const sql of functions) await callInstalled(this.database, sql, {});
  }

  async createTables(
    authority: Authority,
    files: readonly string[],
    tables: readonly TableName[],
    { worker, verifier }: LoginNames,
  ): Promise<number> {
    const [row] = await callInstalled(this.database, CREATE_TARGET, {
      ...authorityParameters(authority, this.side),
      files: JSON.stringify(files),
      tables: JSON.stringify(tables),
      ...{ worker, verifier },
    });
    return Number(row!.created);
  }

  async register(authority: Authority, tables: readonly TableName[], workerLogin: string): Promise<void> {
    const register = callInstalled(this.database, REGISTER_GUARD, {
      ...authorityParameters(authority, this.side),
      environment: this.environment,
      ends: JSON.stringify(this.ends ?? {}),
      tables: JSON.stringify(tables),
      worker: workerLogin,
    });
    await register.catch((error: unknown) => {
      throw isSchemaGone(error)
        ? new TransientFailure(
            `schema sluice of the ${this.side} was removed concurrently with its installation`,
          )
        : error;
    });
  }

  async noteEmpty(authority: Authority): Promise<readonly string[]> {
    const rows = await callInstalled(this.database, NOTE_EMPTY, authorityParameters(authority, this.side));
    return rows.map((row) => String(row.name));
  }

  async uninstall(authority: Authority): Promise<readonly string[]> {
    if (!(await isInstalled(this.database))) return [];
    // An interrupted installation has no functions yet, and no guard.
    const kept = await callInstalled(
      this.database,
      UNINSTALL,
      authorityParameters(authority, this.side),
    ).catch((error: unknown) => {
      if (isSchemaGone(error)) return [];
      throw error;
    });
    await this.database.query(DROP_UNUSED);
    return kept.map((table) => String(table.name));
  }

  async startCapture(
    authority: Authority,
    table: string,
    layout: Layout,
    logBytesMax: number,
  ): Promise<CaptureState> {
    await this.assertSchemaIsOwn();
    const identity = layout.key.filter(({ to }) => layout.identity.includes(to));
    await callInstalled(this.database, START_CAPTURE, {
      ...authorityParameters(authority, this.side),
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
    const { owner, migration, generation } = authority;
    const captures = await this.database.query(CAPTURES, { owner, migration, side: this.side, generation });
    const capture = captures.find((row) => row.table_name === table);
    if (!capture)
      throw new TransientFailure(`the capture of ${table} was removed concurrently with its start`);
    return { table, id: String(capture.id), lost: capture.lost === null ? null : String(capture.lost) };
  }

  stopCapture(authority: Authority): Promise<void> {
    const stop = { ...authorityParameters(authority, this.side), lockMs: LOCK_MS, totalMs: TOTAL_MS };
    return ifInstalled(this.database, undefined, async () => {
      for (;;) {
        const [row] = await callInstalled(this.database, STOP_CAPTURE, stop);
        if (Number(row!.remaining) === 0) return;
      }
    });
  }
}
