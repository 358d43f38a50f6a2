/** Reads Sluice's state in one database of a migration, with a connection of the observer's own. */
import { Client } from 'pg';
import type { Side } from '../../contract/sides';
import isInstalledSql from './is-installed.sql';
import readStateSql from './read-state.sql';

export interface ObservedGuard {
  readonly state: string;
  readonly epoch: number;
}

export interface ObservedLease {
  readonly scope: string;
  readonly token: number;
  readonly seq: number;
  readonly open: boolean;
}

/** The state of one side in one snapshot. */
export interface ObservedDatabase {
  readonly guard: ObservedGuard | null;
  readonly leases: readonly ObservedLease[];
  /** Mapped tables that accept the application's writes, permanently or after a deadline of the guard. */
  readonly unguarded: readonly string[];
}

const TIMEOUT_MS = 5_000;
const NOT_INSTALLED: ObservedDatabase = { guard: null, leases: [], unguarded: [] };

export class DatabaseReader {
  private client: Client | undefined;

  /** @param url with a superuser's login */
  constructor(
    private readonly url: string,
    private readonly migration: string,
    private readonly side: Side,
    private readonly tables: readonly string[],
  ) {}

  /**
   * @param owner id of the migration's control plane; null before it has one
   * @throws Error if the database cannot be reached; the next call connects again
   */
  async read(owner: string | null): Promise<ObservedDatabase> {
    try {
      const client = (this.client ??= await this.connect());
      const { rows: found } = await client.query<{ installed: boolean }>(isInstalledSql);
      if (found[0]?.installed !== true) return NOT_INSTALLED;
      const { rows } = await client.query<{ guard: ObservedGuard | null } & Omit<ObservedDatabase, 'guard'>>(
        readStateSql,
        [this.migration, this.side, this.tables, owner],
      );
      return rows[0] ?? NOT_INSTALLED;
    } catch (error) {
      await this.close();
      // Sluice's schema was removed between the two queries.
      if ((error as { code?: string }).code === '42P01') return NOT_INSTALLED;
      throw error;
    }
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<Client> {
    const client = new Client({
      ...{ connectionString: this.url, application_name: 'sluice-rehearsal-observer' },
      ...{ connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS },
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}
