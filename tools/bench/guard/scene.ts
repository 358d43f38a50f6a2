/** A PostgreSQL server of its own with guarded tables, whose guard the benchmark opens and closes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type PostgresServer } from 'local-aws';
import { Client } from 'pg';
import { installStatements } from '../../../src/adapters/postgres/install';
import { versioned } from '../../../src/adapters/postgres/installed-version';
import { GUARD_CHANGES, type GuardChange } from '../../../src/core/guard-ports';

const NAME = `'bench', 'bench', 'source', 1`;
const FENCE_SECONDS = 600;
const LOCK_MS = 400;
const TOTAL_MS = 10_000;

export class GuardScene {
  private epoch = 10;
  private readonly clients: Client[] = [];

  private constructor(
    private readonly directory: string,
    private readonly server: PostgresServer,
    private readonly control: Client,
  ) {}

  /**
   * @param ddl creates the tables
   * @param tables names of the guarded ones, in schema public
   */
  static async open(ddl: string, tables: readonly string[]): Promise<GuardScene> {
    const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-guard-'));
    const server = await startPostgres({ directory, settings: { autovacuum_naptime: '1s' } });
    const control = await connect(server);
    const scene = new GuardScene(directory, server, control);
    await control.query(ddl);
    for (const sql of installStatements(null)) await control.query(sql);
    const named = JSON.stringify(tables.map((name) => ({ schema: 'public', name })));
    await control.query(versioned(`SELECT sluice.register(${NAME}, 1, 'bench', '{}', '${named}', '')`));
    await scene.arm();
    return scene;
  }

  /** Another connection. */
  async connect(): Promise<Client> {
    const client = await connect(this.server);
    this.clients.push(client);
    return client;
  }

  /** Changes the guard. @returns the milliseconds that the server spent in the call, without the commit */
  async change(state: GuardChange['state']): Promise<number> {
    this.epoch += 1;
    const from = GUARD_CHANGES[state].from.join(',');
    const { rows } = await this.control.query<{ ms: string }>(
      versioned(`SELECT extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000 AS ms FROM (SELECT
        sluice.set_guard(${NAME}, ${this.epoch}, '${state}', '{${from}}', ${FENCE_SECONDS}, false, ${LOCK_MS}, ${TOTAL_MS}) OFFSET 0) AS s`),
    );
    return Number(rows[0]!.ms);
  }

  async arm(): Promise<void> {
    const sql = versioned(`SELECT sluice.arm_guard(${NAME}, 1, ${LOCK_MS}, ${TOTAL_MS}) AS remaining`);
    while ((await this.control.query<{ remaining: string }>(sql)).rows[0]!.remaining !== '0');
  }

  async disarm(): Promise<void> {
    const sql = versioned(
      `SELECT sluice.disarm_guard(${NAME}, ${this.epoch}, ${LOCK_MS}, ${TOTAL_MS}) AS remaining`,
    );
    while ((await this.control.query<{ remaining: string }>(sql)).rows[0]!.remaining !== '0');
  }

  async close(): Promise<void> {
    await Promise.all([this.control, ...this.clients].map((client) => client.end()));
    await this.server.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function connect(server: PostgresServer): Promise<Client> {
  const client = new Client({ connectionString: server.superuserUrl });
  await client.connect();
  return client;
}
