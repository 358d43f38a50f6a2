import type { Problem } from '../errors';
import { SIDES } from '../../contract/sides';
import { LOGINS, type Facts } from './facts';

/** What to do about errors of the Data API (by name) and of the server (by SQLSTATE); others speak for themselves. */
const REMEDIES: Readonly<Record<string, string>> = {
  AccessDeniedException:
    'allow rds-data on the cluster and secretsmanager:GetSecretValue on the secret, then deploy again',
  ForbiddenException:
    'allow rds-data on the cluster and secretsmanager:GetSecretValue on the secret, then deploy again',
  HttpEndpointNotEnabledException: 'enable the RDS Data API of the cluster',
  InvalidSecretException: 'store the secret as JSON with username and password',
  SecretsErrorException: "check the secret's ARN and the right to read it",
  DatabaseNotFoundException: 'check the ARN of the cluster; it needs an instance',
  InvalidResourceStateException: 'start the cluster, or wait until it is available',
  '28P01': "put the login's present password into the secret",
  '28000': 'let the login in: LOGIN, and CONNECT on the database',
  '42501': 'GRANT CONNECT on the database to the login',
  '3D000': 'correct the name of the database in the definition',
};

/** Each login of each side answers. */
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
          remedy: REMEDIES[unreachable.code] ?? 'check the endpoint and the secret, then start again',
        },
      ];
    }),
  );
