/** Sluice's state on one side of a migration, read through the observer's own connection. */
import { Client } from 'pg';
import type { Side } from '../../contract/sides';

export interface SeenGuard {
  readonly state: string;
  readonly epoch: number;
}

export interface SeenLease {
  readonly scope: string;
  readonly token: number;
  readonly seq: number;
  readonly open: boolean;
}

/** One snapshot. */
export interface SeenDatabase {
  readonly guard: SeenGuard | null;
  readonly leases: readonly SeenLease[];
  /** Mapped tables whose guard lets the application's writes through, for good or from some instant on. */
  readonly unguarded: readonly string[];
}

const IS_INSTALLED = `SELECT to_regclass('sluice.guard') IS NOT NULL AND to_regclass('sluice.lease') IS NOT NULL AS installed`;

/** The arguments of a trigger are texts, each ended by a zero byte; the third, and last, of a guard's is its deadline. */
const LOOK = `SELECT
  (SELECT jsonb_build_object('state', state, 'epoch', epoch) FROM sluice.guard
     WHERE migration = $1 AND side = $2) AS guard,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('scope', scope, 'token', token, 'seq', seq, 'open', open)), '[]')
     FROM sluice.lease WHERE starts_with(scope, concat_ws('/', $1::text, $2::text, ''))) AS leases,
  (SELECT coalesce(jsonb_agg(name), '[]') FROM unnest($3::text[]) AS name
     WHERE to_regclass(name) IS NOT NULL AND NOT EXISTS (
       SELECT FROM pg_trigger AS t WHERE t.tgrelid = to_regclass(name) AND t.tgname = 'sluice_guard'
         AND t.tgenabled = 'A' AND encode(t.tgargs, 'escape') LIKE '%\\\\000\\\\000')) AS unguarded`;

const TIMEOUT_MS = 5_000;
const NOTHING: SeenDatabase = { guard: null, leases: [], unguarded: [] };

export class DatabaseEye {
  private client: Client | undefined;

  /** @param url a superuser's */
  constructor(
    private readonly url: string,
    private readonly migration: string,
    private readonly side: Side,
    private readonly tables: readonly string[],
  ) {}

  /** @throws Error if the database is unreachable; the next check reconnects */
  async look(): Promise<SeenDatabase> {
    try {
      const client = (this.client ??= await this.connect());
      const { rows: found } = await client.query<{ installed: boolean }>(IS_INSTALLED);
      if (found[0]?.installed !== true) return NOTHING;
      const { rows } = await client.query<{ guard: SeenGuard | null } & Omit<SeenDatabase, 'guard'>>(LOOK, [
        this.migration,
        this.side,
        this.tables,
      ]);
      return rows[0] ?? NOTHING;
    } catch (error) {
      await this.close();
      // Removed between the two queries.
      if ((error as { code?: string }).code === '42P01') return NOTHING;
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
