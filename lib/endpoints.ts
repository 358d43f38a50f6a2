import { Arn, ArnFormat } from 'aws-cdk-lib';
import { LOGINS, secretField, type LoginSecrets } from '../src/contract/logins';
import type { Environment } from './environment';
import { SettingsRefused } from './errors';

/** One database that the functions may reach through the Data API. */
export interface DatabaseEndpoint extends LoginSecrets {
  readonly clusterArn: string;
}

/** The two ends of one migration in the environment that is being deployed. */
export interface MigrationEndpoints {
  /** Name of the migration. */
  readonly migration: string;
  readonly source: DatabaseEndpoint;
  readonly target: DatabaseEndpoint;
}

/**
 * Refuses endpoints that functions of this environment can never reach: the Data API and the secret of a
 * statement are addressed in the caller's own account and Region.
 * @throws SettingsRefused with every problem and its remedy
 */
export function checkEndpoints(endpoints: readonly MigrationEndpoints[], environment: Environment): void {
  const problems = endpoints.flatMap(({ migration, source, target }) => [
    ...endpointProblems(`${migration}: source`, source, environment),
    ...endpointProblems(`${migration}: target`, target, environment),
  ]);
  if (problems.length > 0)
    throw new SettingsRefused(
      `Endpoints do not fit environment ${environment.name} (account ${environment.account}, ${environment.region}): ${problems.join('; ')}. Correct the definition or cdk.json.`,
    );
}

function endpointProblems(path: string, endpoint: DatabaseEndpoint, environment: Environment): string[] {
  const fields = ['clusterArn', ...LOGINS.map(secretField)] as const;
  return fields.flatMap((field) => {
    const arn = endpoint[field];
    const { account, region } = Arn.split(arn, ArnFormat.COLON_RESOURCE_NAME);
    return account === environment.account && region === environment.region
      ? []
      : [`${path}.${field} is ${arn}`];
  });
}
