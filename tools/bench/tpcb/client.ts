/** pgbench's TPC-B-like transaction over several connections, with a concurrent batch job. */
import { Client } from 'pg';

export interface TpcbOptions {
  readonly url: string;
  readonly connections: number;
  /** Rate over all connections, randomly spaced like pgbench's `--rate`. @default full speed */
  readonly transactionsPerSecond?: number;
  readonly accounts: number;
  readonly seconds: number;
  /** Initial seconds that do not count. */
  readonly warmUpSeconds: number;
  /** Milliseconds between bulk updates; 0 for none. */
  readonly bulkEveryMs: number;
  readonly bulkRows: number;
}

export interface TpcbRun {
  readonly seconds: number;
  /** Latency of each transaction, in milliseconds. */
  readonly latenciesMs: readonly number[];
  readonly rowChanges: number;
}

/** Row changes per transaction. */
const CHANGES = 4;

class Run {
  readonly latenciesMs: number[] = [];
  rowChanges = 0;
  private readonly countFromMs: number;
  private readonly endMs: number;

  constructor({ seconds, warmUpSeconds }: TpcbOptions) {
    this.countFromMs = performance.now() + warmUpSeconds * 1000;
    this.endMs = this.countFromMs + seconds * 1000;
  }

  get isOver(): boolean {
    return performance.now() >= this.endMs;
  }

  /** @param sinceMs start of the transaction; it does not count if it started during the warm-up */
  count(sinceMs: number, changes: number, isTransaction: boolean): void {
    if (sinceMs < this.countFromMs) return;
    this.rowChanges += changes;
    if (isTransaction) this.latenciesMs.push(performance.now() - sinceMs);
  }
}

/**
 * At full speed each connection starts its next transaction when the last one has committed. At a given rate it starts when
 * the transaction is due, or as soon as the connection is free.
 */
export async function runTpcb(options: TpcbOptions): Promise<TpcbRun> {
  const run = new Run(options);
  const work: Promise<void>[] = Array.from({ length: options.connections }, () =>
    connected(options.url, (client) => transactions(client, options, run)),
  );
  if (options.bulkEveryMs > 0)
    work.push(connected(options.url, (client) => bulkUpdates(client, options, run)));
  await Promise.all(work);
  const { latenciesMs, rowChanges } = run;
  return { seconds: options.seconds, latenciesMs, rowChanges };
}

async function connected(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

const whole = (max: number): number => 1 + Math.floor(Math.random() * max);

/**
 * Resolves when one connection's next transaction is due, to the instant from which its latency counts: the due time if the
 * connection was busy then, the actual start if only the timer was late.
 */
function dueTimes({ connections, transactionsPerSecond }: TpcbOptions): () => Promise<number> {
  if (transactionsPerSecond === undefined) return () => Promise.resolve(performance.now());
  const betweenMs = (1_000 * connections) / transactionsPerSecond;
  let dueMs = performance.now();
  return async () => {
    dueMs -= Math.log(1 - Math.random()) * betweenMs;
    const leftMs = dueMs - performance.now();
    if (leftMs <= 0) return dueMs;
    await new Promise((done) => setTimeout(done, leftMs));
    return performance.now();
  };
}

async function transactions(client: Client, options: TpcbOptions, run: Run): Promise<void> {
  const { accounts } = options;
  const branches = Math.max(1, Math.floor(accounts / 100_000));
  const due = dueTimes(options);
  while (!run.isOver) {
    const sinceMs = await due();
    const [aid, tid, bid] = [whole(accounts), whole(branches * 10), whole(branches)];
    const delta = whole(10_000) - 5_000;
    await client.query('BEGIN');
    await client.query({
      name: 'account',
      text: 'UPDATE public.pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2',
      values: [delta, aid],
    });
    await client.query({
      name: 'balance',
      text: 'SELECT abalance FROM public.pgbench_accounts WHERE aid = $1',
      values: [aid],
    });
    await client.query({
      name: 'teller',
      text: 'UPDATE public.pgbench_tellers SET tbalance = tbalance + $1 WHERE tid = $2',
      values: [delta, tid],
    });
    await client.query({
      name: 'branch',
      text: 'UPDATE public.pgbench_branches SET bbalance = bbalance + $1 WHERE bid = $2',
      values: [delta, bid],
    });
    await client.query({
      name: 'history',
      text: 'INSERT INTO public.pgbench_history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)',
      values: [tid, bid, aid, delta],
    });
    await client.query('COMMIT');
    run.count(sinceMs, CHANGES, true);
  }
}

async function bulkUpdates(
  client: Client,
  { accounts, bulkEveryMs, bulkRows }: TpcbOptions,
  run: Run,
): Promise<void> {
  while (!run.isOver) {
    const sinceMs = performance.now();
    const from = whole(Math.max(1, accounts - bulkRows));
    const { rowCount } = await client.query(
      'UPDATE public.pgbench_accounts SET abalance = abalance + 1 WHERE aid BETWEEN $1 AND $2',
      [from, from + bulkRows - 1],
    );
    run.count(sinceMs, rowCount ?? 0, false);
    const leftMs = bulkEveryMs - (performance.now() - sinceMs);
    if (leftMs > 0) await new Promise((done) => setTimeout(done, leftMs));
  }
}
