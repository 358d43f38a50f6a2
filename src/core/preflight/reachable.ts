import type { Problem } from '../errors';
import { SIDES } from '../../contract/sides';
import { LOGINS, type Facts } from './facts';

/** Remedies for errors of the Data API (by name) and of the server (by SQLSTATE). */
const REMEDIES: Readonly<Record<string, string>> = {
  AccessDeniedException:
    'Allow rds-data on the cluster and secretsmanager:GetSecretValue on the secret, then deploy again',
  ForbiddenException:
    'Allow rds-data on the cluster and secretsmanager:GetSecretValue on the secret, then deploy again',
  HttpEndpointNotEnabledException: 'Enable the RDS Data API of the cluster',
  InvalidSecretException: 'Store the secret as JSON with username and password',
  SecretsErrorException: "Check the secret's ARN and the permission to read it",
  DatabaseNotFoundException: 'Check the ARN of the cluster, and that the cluster has an instance',
  InvalidResourceStateException: 'Start the cluster, or wait until it is available',
  '28P01': "Put the login's current password into the secret",
  '28000': 'Allow the login to connect: LOGIN, and CONNECT on the database',
  '42501': 'GRANT CONNECT on the database to the login',
  '3D000': 'Correct the name of the database in the definition',
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
          found: `database ${database} of ${clusterArn} refuses ${secrets[`${login}SecretArn`]}: ${unreachable.code}: ${unreachable.message}`,
          remedy: REMEDIES[unreachable.code] ?? 'Check the endpoint and the secret, then start again',
        },
      ];
    }),
  );
