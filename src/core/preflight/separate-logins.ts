import { traitsOf } from '../../contract/lifecycle';
import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { SIDES } from '../../contract/sides';
import type { Facts, LoginFacts } from './facts';

type Server = NonNullable<LoginFacts['server']>;

/** Requires a dedicated worker: the guard passes exactly one login, and only the owner's login may change it besides. */
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
  const remedy = 'Give Sluice its own ordinary login (docs/guide/roles.sql)';
  return [
    ...(worker.isSuperuser ? [[`login ${worker.login} is a superuser`, remedy] as [string, string]] : []),
    ...(worker.login === owner?.login
      ? [[`login ${worker.login} is both owner and worker`, remedy] as [string, string]]
      : []),
  ];
}

/** Logins with the worker's rights could change a guard or write under a lease. */
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
