/** Reads Sluice's state in one database of a migration, with a connection of the observer's own. */
import { Client } from 'pg';
import type { Side } from '../../contract/sides';

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
  /** Mapped tables that accept writes of the application, permanently or after a deadline of the guard. */
  readonly unguarded: readonly string[];
}

const IS_INSTALLED = `SELECT to_regclass('sluice.guard') IS NOT NULL AND to_regclass('sluice.lease') IS NOT NULL AS installed`;

/** A trigger's arguments are texts, each ended by a zero byte. The third and last argument of a guard is its deadline. */
const READ_STATE = `SELECT
  (SELECT jsonb_build_object('state', state, 'epoch', epoch) FROM sluice.guard
     WHERE migration = $1 AND side = $2) AS guard,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('scope', scope, 'token', token, 'seq', seq, 'open', open)), '[]')
     FROM sluice.lease WHERE starts_with(scope, concat_ws('/', $1::text, $2::text, ''))) AS leases,
  (SELECT coalesce(jsonb_agg(name), '[]') FROM unnest($3::text[]) AS name
     WHERE to_regclass(name) IS NOT NULL AND NOT EXISTS (
       SELECT FROM pg_trigger AS t WHERE t.tgrelid = to_regclass(name) AND t.tgname = 'sluice_guard'
         AND t.tgenabled = 'A' AND encode(t.tgargs, 'escape') LIKE '%\\\\000\\\\000')) AS unguarded`;

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

  /** @throws Error if the database cannot be reached; the next call connects again */
  async read(): Promise<ObservedDatabase> {
    try {
      const client = (this.client ??= await this.connect());
      const { rows: found } = await client.query<{ installed: boolean }>(IS_INSTALLED);
      if (found[0]?.installed !== true) return NOT_INSTALLED;
      const { rows } = await client.query<{ guard: ObservedGuard | null } & Omit<ObservedDatabase, 'guard'>>(
        READ_STATE,
        [this.migration, this.side, this.tables],
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
