import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Transaction } from './oracle';

const STATUS = 'SELECT pg_xact_status(CAST($1 AS xid8)) AS status';
/** The outcome of a transaction is unknown, so the oracle would have to guess. */
export class Unsettled extends Error {}

const POLL_MS = 20;
const GIVE_UP_MS = 60_000;

/**
 * Whether a transaction without a response is committed, according to the database.
 * @throws Unsettled if the database does not say so within a minute
 */
export async function outcomeOf(
  { xid }: Pick<Transaction, 'xid'>,
  connect: () => Promise<Client>,
): Promise<boolean> {
  const until = Date.now() + GIVE_UP_MS;
  for (;;) {
    const status = await statusOf(xid, connect).catch(() => 'out of reach');
    if (status === 'committed' || status === 'aborted') return status === 'committed';
    if (status === null || Date.now() > until)
      throw new Unsettled(
        `the database does not say what became of a transaction: ${status ?? 'it is too long ago'}`,
      );
    await sleep(POLL_MS);
  }
}

async function statusOf(xid: string, connect: () => Promise<Client>): Promise<string | null> {
  const client = await connect();
  try {
    const { rows } = await client.query<{ status: string | null }>(STATUS, [xid]);
    return rows[0]?.status ?? null;
  } finally {
    await client.end().catch(() => undefined);
  }
}
