import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { endsOf, type Pair } from './facts';

/** Refuses subscriptions that write to the tables: they are second writers, and do not fire statement triggers. */
export const replication = (pair: Pair): Problem[] =>
  endsOf(pair).flatMap(({ side, name, table }) =>
    table.subscriptions.map((subscription) => ({
      check: 'replication',
      subject: `${side} table ${name}`,
      found: `subscription ${subscription} writes to it by logical replication`,
      remedy: `DROP SUBSCRIPTION ${quoteIdentifier(subscription)}, or remove the table from its publication and REFRESH it, before the migration`,
    })),
  );
