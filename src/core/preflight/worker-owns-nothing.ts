import type { Problem } from '../errors';
import { endsOf, type Facts, type Pair } from './facts';
import { quoteIdentifier } from '../identifier';

/** Refuses a worker that owns a table, directly or by membership. The check separate-logins reports superusers. */
export const workerOwnsNothing = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair)
    .filter(({ side, asWorker }) => {
      const worker = facts[side].logins.worker.server;
      return asWorker?.loginIsMemberOfOwner && worker && !worker.isSuperuser;
    })
    .map(({ side, name, table }) => ({
      check: 'worker-owns-nothing',
      subject: `${side} table ${name}`,
      found: `worker ${facts[side].logins.worker.server?.login} is the owner, ${table.owner}, or a member of that role`,
      remedy: `Remove the worker from role ${quoteIdentifier(table.owner)}, or change the owner of the table`,
    }));
