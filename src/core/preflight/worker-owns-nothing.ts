import type { Problem } from '../errors';
import { endsOf, type Facts, type Pair } from './facts';
import { quoteIdentifier } from '../identifier';

/** The worker owns nothing that it moves, directly or by membership. A superuser is named once, by separate-logins. */
export const workerOwnsNothing = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair)
    .filter(({ side, asWorker }) => {
      const worker = facts[side].logins.worker.server;
      return asWorker?.loginIsMemberOfOwner && worker && !worker.isSuperuser;
    })
    .map(({ side, name, table }) => ({
      check: 'worker-owns-nothing',
      subject: `${side} table ${name}`,
      found: `worker ${facts[side].logins.worker.server?.login} is ${table.owner}, the owner, or a member of it`,
      remedy: `take the worker out of ${quoteIdentifier(table.owner)}, or give the table another owner`,
    }));
