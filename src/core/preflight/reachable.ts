import type { Problem } from '../errors';
import { SIDES } from '../../contract/sides';
import { LOGINS, secretField } from '../../contract/logins';
import type { ConnectFailure, Facts } from './facts';

const REMEDIES: Readonly<Record<ConnectFailure, string>> = {
  'access denied':
    'Allow rds-data on the cluster and secretsmanager:GetSecretValue on the secret, then deploy again',
  'API disabled': 'Enable the RDS Data API of the cluster',
  'malformed secret': 'Store the secret as JSON with username and password',
  'unreadable secret': "Check the secret's ARN and the permission to read it",
  'unknown cluster': 'Check the ARN of the cluster, and that the cluster has an instance',
  'cluster unavailable': 'Start the cluster, or wait until it is available',
  'bad password': "Put the login's current password into the secret",
  'login not allowed': 'Allow the login to connect: LOGIN, and CONNECT on the database',
  'no connect privilege': 'GRANT CONNECT on the database to the login',
  'unknown database': 'Correct the name of the database in the definition',
  other: 'Check the endpoint and the secret, then start again',
};

/** Requires that each login of each side can connect. */
export const reachable = (facts: Facts): Problem[] =>
  SIDES.flatMap((side) =>
    LOGINS.flatMap((login) => {
      const { unreachable } = facts[side].logins[login];
      const { clusterArn, database, ...secrets } = facts[side].endpoint;
      if (unreachable === null) return [];
      return [
        {
          check: 'reachable',
          subject: `${side} ${login}`,
          found: `database ${database} of ${clusterArn} refuses ${secrets[secretField(login)]}: ${unreachable.code}: ${unreachable.message}`,
          remedy: REMEDIES[unreachable.failure],
        },
      ];
    }),
  );
