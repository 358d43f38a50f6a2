import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { endsOf, type Facts, type Pair } from './facts';

/** Refuses row security, which the worker does not bypass: with row_security = off, every statement would fail. */
export const rowSecurity = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair)
    .filter(({ side, table }) => {
      const worker = facts[side].logins.worker.server;
      return table.rowSecurity && worker && !worker.bypassesRowSecurity;
    })
    .map(({ side, name }) => ({
      check: 'row-security',
      subject: `${side} table ${name}`,
      found: 'row security is enabled, and the worker does not bypass it',
      remedy: `ALTER ROLE ${quoteIdentifier(facts[side].logins.worker.server!.login)} BYPASSRLS`,
    }));
