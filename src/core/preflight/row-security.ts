import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { endsOf, type Facts, type Pair } from './facts';

/** Refuses row security that a login that reads rows does not bypass: with row_security = off, every statement would fail. */
export const rowSecurity = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair).flatMap(({ side, name, table }) =>
    (['worker', 'verifier'] as const).flatMap((login) => {
      const { server } = facts[side].logins[login];
      if (!table.rowSecurity || !server || server.bypassesRowSecurity) return [];
      return [
        {
          check: 'row-security',
          subject: `${side} table ${name}`,
          found: `row security is enabled, and the ${login} does not bypass it`,
          remedy: `ALTER ROLE ${quoteIdentifier(server.login)} BYPASSRLS`,
        },
      ];
    }),
  );
