import type { Problem } from '../errors';
import { type Facts, reachableSides } from './facts';

/** A prepared transaction holds its locks until somebody ends it: no fence can be closed meanwhile. */
export const preparedTransactions = (facts: Facts): Problem[] =>
  [...reachableSides(facts)]
    .filter(({ server }) => server.preparedTransactions > 0)
    .map(({ side, server }) => ({
      check: 'prepared-transactions',
      subject: `${side} database ${server.database}`,
      found: `${server.preparedTransactions} prepared transaction(s) hold their locks`,
      remedy: 'COMMIT PREPARED or ROLLBACK PREPARED each one in pg_prepared_xacts',
    }));
