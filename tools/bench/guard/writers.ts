/** Applications that write to guarded tables without a pause, each with its own kind of statement. */
import type { Client, QueryConfig } from 'pg';
import type { GuardScene } from './scene';

/** Each writer counts in a row of its own, so the sum of the counters says how many writes went through. */
export const COUNTERS = `
  CREATE TABLE plain (id int PRIMARY KEY, n bigint NOT NULL) WITH (fillfactor = 50);
  CREATE TABLE parent (id int PRIMARY KEY, n bigint NOT NULL) PARTITION BY RANGE (id);
  CREATE TABLE leaf PARTITION OF parent FOR VALUES FROM (0) TO (100);
  INSERT INTO plain SELECT id, 0 FROM generate_series(1, 9) AS id;
  INSERT INTO parent SELECT id, 0 FROM generate_series(1, 9) AS id;`;
export const SUM = 'SELECT (SELECT sum(n) FROM plain) + (SELECT sum(n) FROM parent) AS sum';

type Write = (client: Client) => Promise<unknown>;

const increment = (table: string, id: number) => ({
  name: `${table}-${id}`,
  text: `UPDATE ${table} SET n = n + 1 WHERE id = ${id}`,
});

async function inTransaction(
  client: Client,
  begin: string,
  ...statements: readonly (string | QueryConfig)[]
) {
  await client.query(begin);
  for (const statement of statements) await client.query(statement);
  await client.query('COMMIT');
}

const WRITES: readonly Write[] = [
  (client) => client.query(increment('plain', 1)),
  (client) => client.query(increment('parent', 2)),
  (client) => client.query(increment('leaf', 3)),
  // The snapshot is older than the write, and often older than a change of the guard.
  (client) =>
    inTransaction(
      client,
      'BEGIN ISOLATION LEVEL REPEATABLE READ',
      'SELECT count(*) FROM plain',
      increment('plain', 4),
    ),
  (client) => inTransaction(client, 'BEGIN', increment('leaf', 5), 'SELECT 1', increment('plain', 6)),
];

const REFUSED = '25006';

export class Writers {
  private isStopped = false;
  readonly latenciesMs: number[] = [];
  private done: Promise<unknown> = Promise.resolve();

  static async start(scene: GuardScene): Promise<Writers> {
    const writers = new Writers();
    const clients = await Promise.all(WRITES.map(() => scene.connect()));
    writers.done = Promise.all(WRITES.map((write, index) => writers.repeat(clients[index]!, write)));
    return writers;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.done;
  }

  /** @throws Error for any refusal but the guard's */
  private async repeat(client: Client, write: Write): Promise<void> {
    while (!this.isStopped) {
      const startedAt = performance.now();
      try {
        await write(client);
      } catch (error) {
        if ((error as { code?: string }).code !== REFUSED) throw error;
        await client.query('ROLLBACK');
      }
      this.latenciesMs.push(performance.now() - startedAt);
    }
  }
}
