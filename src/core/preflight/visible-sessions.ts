import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { reachableLogins, type Facts } from './facts';

/** Requires that the owner's login sees how long the transactions of other sessions are open: a fence waits for the long ones. */
export const visibleSessions = (facts: Facts): Problem[] =>
  [...reachableLogins(facts)]
    .filter(({ login, server }) => login === 'owner' && !server.seesOtherSessions)
    .map(({ subject, server }) => ({
      check: 'visible-sessions',
      subject,
      found: `login ${server.login} may not see how long the transactions of other sessions have been open`,
      remedy: `GRANT pg_monitor TO ${quoteIdentifier(server.login)}`,
    }));
