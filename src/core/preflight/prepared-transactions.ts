import type { Problem } from '../errors';
import { type Facts, reachableSides } from './facts';

/** Refuses prepared transactions: each holds its locks until it is committed or rolled back, so no fence can close. */
export const preparedTransactions = (facts: Facts): Problem[] =>
  [...reachableSides(facts)]
    .filter(({ server }) => server.preparedTransactions > 0)
    .map(({ side, server }) => ({
      check: 'prepared-transactions',
      subject: `${side} database ${server.database}`,
      found: `${server.preparedTransactions} prepared transaction(s) hold their locks`,
      remedy: 'COMMIT PREPARED or ROLLBACK PREPARED each transaction in pg_prepared_xacts',
    }));
