import { traitsOf } from '../../contract/lifecycle';
import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { SIDES } from '../../contract/sides';
import type { Facts, LoginFacts } from './facts';

type Server = NonNullable<LoginFacts['server']>;

/** The guard lets exactly one login through, and nothing must be able to lift it but the owner's login. */
export const separateLogins = (facts: Facts): Problem[] =>
  SIDES.flatMap((side) => {
    const { owner, worker } = facts[side].logins;
    if (!worker.server) return [];
    const found = [
      ...identityOf(worker.server, owner.server),
      ...othersActingAs(worker.server),
      ...(traitsOf(facts.definition.shape).capturesChanges ? otherSessionsOf(worker.server) : []),
    ];
    return found.map(([what, remedy]) => ({
      check: 'separate-logins',
      subject: `${side} worker`,
      found: what,
      remedy,
    }));
  });

function identityOf(worker: Server, owner: Server | null): [string, string][] {
  const remedy = 'give Sluice an ordinary login of its own (docs/guide/roles.sql)';
  return [
    ...(worker.isSuperuser ? [[`login ${worker.login} is a superuser`, remedy] as [string, string]] : []),
    ...(worker.login === owner?.login
      ? [[`login ${worker.login} is both owner and worker`, remedy] as [string, string]]
      : []),
  ];
}

/** They could change a guard or write under a lease. */
const othersActingAs = ({ login, actingLogins }: Server): [string, string][] =>
  actingLogins.map((other) => [
    `login ${other} may act as ${login}`,
    `REVOKE ${quoteIdentifier(login)} FROM ${quoteIdentifier(other)}, or from the role that it is a member of`,
  ]);

/** Every session of the Data API has the application name of the one that asked. */
const otherSessionsOf = ({ login, otherApplications }: Server): [string, string][] =>
  otherApplications.map((application) => [
    `login ${login} has a session from application ${JSON.stringify(application)}, which is not the Data API`,
    'end that session, and give its user another login',
  ]);
