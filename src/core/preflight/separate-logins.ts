import { traitsOf } from '../../contract/lifecycle';
import { GRANTED_LOGINS, LOGINS, type Login } from '../../contract/logins';
import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { SIDES } from '../../contract/sides';
import type { Facts, LoginFacts, SideFacts } from './facts';

type Server = NonNullable<LoginFacts['server']>;

/** Requires dedicated logins: the guard passes exactly one, another one changes it, and only the owner's may do more. */
export const separateLogins = (facts: Facts): Problem[] =>
  SIDES.flatMap((side) =>
    GRANTED_LOGINS.flatMap((login) => {
      const { logins } = facts[side];
      const { server } = logins[login];
      if (!server) return [];
      const capturesChanges = traitsOf(facts.definition.shape).capturesChanges;
      const found = [
        ...identityOf(login, server, logins),
        ...othersActingAs(server),
        ...(login === 'worker' && capturesChanges ? otherSessionsOf(server) : []),
      ];
      return found.map(([what, remedy]) => ({
        check: 'separate-logins',
        subject: `${side} ${login}`,
        found: what,
        remedy,
      }));
    }),
  );

/** Compares a login with those before it, so that a pair is reported once. */
function identityOf(login: Login, server: Server, logins: SideFacts['logins']): [string, string][] {
  const remedy = 'Give Sluice its own ordinary logins (docs/guide/roles.sql)';
  const same = LOGINS.slice(0, LOGINS.indexOf(login)).filter(
    (other) => logins[other].server?.login === server.login,
  );
  const found = [
    ...(server.isSuperuser ? [`login ${server.login} is a superuser`] : []),
    ...same.map((other) => `login ${server.login} is both ${other} and ${login}`),
  ];
  return found.map((each) => [each, remedy]);
}

/** Logins with the rights of one of Sluice's could change a guard, write under a lease, or read every row. */
const othersActingAs = ({ login, actingLogins }: Server): [string, string][] =>
  actingLogins.map((other) => [
    `login ${other} may act as ${login}`,
    `REVOKE ${quoteIdentifier(login)} FROM ${quoteIdentifier(other)}, or from the role that it is a member of`,
  ]);

/** Every session of the Data API has the application name of the session that ran the check. */
const otherSessionsOf = ({ login, otherApplications }: Server): [string, string][] =>
  otherApplications.map((application) => [
    `login ${login} has a session from application ${JSON.stringify(application)}, which is not the Data API`,
    'End that session, and give its user another login',
  ]);
