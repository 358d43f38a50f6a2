import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Transaction } from './oracle';

const STATUS = 'SELECT pg_xact_status(CAST($1 AS xid8)) AS status';
/** The database does not report whether a transaction was committed, and the oracle must not guess. */
export class OutcomeUnknown extends Error {}

const POLL_MS = 20;
const GIVE_UP_MS = 60_000;

/**
 * Reads from the database whether a transaction was committed, after the response to its COMMIT was lost.
 * @throws OutcomeUnknown if the database does not report the outcome within a minute
 */
export async function readOutcome(
  { xid }: Pick<Transaction, 'xid'>,
  connect: () => Promise<Client>,
): Promise<boolean> {
  const until = Date.now() + GIVE_UP_MS;
  for (;;) {
    const status = await statusOf(xid, connect).catch(() => 'the database cannot be reached');
    if (status === 'committed' || status === 'aborted') return status === 'committed';
    if (status === null || Date.now() > until)
      throw new OutcomeUnknown(
        `the outcome of transaction ${xid} is unknown: ${status ?? 'the database no longer has its status'}. Repeat the rehearsal.`,
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
