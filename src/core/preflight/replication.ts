import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { endsOf, type Pair } from './facts';

/** Nothing but the application, or Sluice, writes to the tables: a subscription writes past statement triggers. */
export const replication = (pair: Pair): Problem[] =>
  endsOf(pair).flatMap(({ side, name, table }) =>
    table.subscriptions.map((subscription) => ({
      check: 'replication',
      subject: `${side} table ${name}`,
      found: `subscription ${subscription} writes to it by logical replication`,
      remedy: `DROP SUBSCRIPTION ${quoteIdentifier(subscription)}, or take the table out of its publication and REFRESH it, before the migration`,
    })),
  );
