import { GRANTED_LOGINS } from '../../contract/logins';
import type { Problem } from '../errors';
import { endsOf, type Facts, type Pair } from './facts';
import { quoteIdentifier } from '../identifier';

/** Refuses a login, other than the owner's, that owns a table, directly or by membership. The check separate-logins reports superusers. */
export const ownNothing = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair).flatMap(({ side, name, table, as }) =>
    GRANTED_LOGINS.flatMap((login) => {
      const { server } = facts[side].logins[login];
      if (!as[login]?.loginIsMemberOfOwner || !server || server.isSuperuser) return [];
      return [
        {
          check: 'own-nothing',
          subject: `${side} table ${name}`,
          found: `${login} ${server.login} is the owner, ${table.owner}, or a member of that role`,
          remedy: `Remove ${quoteIdentifier(server.login)} from role ${quoteIdentifier(table.owner)}, or change the owner of the table`,
        },
      ];
    }),
  );
