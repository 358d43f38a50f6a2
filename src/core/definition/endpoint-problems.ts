import { LOGINS, secretField } from '../../contract/logins';
import { isObject, unknownFields } from './definition-fields';
import type { Endpoint, MigrationDefinition } from './migration-definition';

const CLUSTER_ARN = /^arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:cluster:[A-Za-z0-9-]+$/;
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+$/;

export function endpointProblems(definition: MigrationDefinition): string[] {
  const sides = { source: definition.source, target: definition.target };
  const problems = Object.entries(sides).flatMap(([side, endpoints]) => {
    const environments = Object.entries(isObject(endpoints) ? endpoints : {});
    if (environments.length === 0) return [`${side} names no environment. Give one endpoint per environment`];
    return environments.flatMap(([environment, endpoint]) =>
      endpointFieldProblems(`${side}.${environment}`, endpoint),
    );
  });
  const [left, right] = [definition.source ?? {}, definition.target ?? {}].map((side) => Object.keys(side));
  for (const environment of new Set([...left!, ...right!])) {
    if (!left!.includes(environment))
      problems.push(`target.${environment} has no source.${environment}. Add it`);
    if (!right!.includes(environment))
      problems.push(`source.${environment} has no target.${environment}. Add it`);
  }
  return problems;
}

function endpointFieldProblems(path: string, endpoint: Endpoint): string[] {
  if (!isObject(endpoint)) return [`${path} is ${JSON.stringify(endpoint)}. Give an endpoint`];
  const secrets = LOGINS.map(secretField);
  const arn = (field: 'clusterArn' | (typeof secrets)[number], pattern: RegExp, kind: string) =>
    pattern.test(endpoint[field] ?? '')
      ? []
      : [`${path}.${field} is ${JSON.stringify(endpoint[field])}. Give the ARN of ${kind}`];
  return [
    ...unknownFields(path, endpoint, ['clusterArn', 'database', ...secrets]),
    ...arn('clusterArn', CLUSTER_ARN, 'an Aurora cluster'),
    ...secrets.flatMap((field) => arn(field, SECRET_ARN, 'a Secrets Manager secret')),
    ...(endpoint.database ? [] : [`${path}.database is empty. Name the database`]),
    ...sharedSecretProblems(path, endpoint),
  ];
}

function sharedSecretProblems(path: string, endpoint: Endpoint): string[] {
  const secrets = new Set(LOGINS.map((login) => endpoint[secretField(login)]).filter(Boolean));
  return [...secrets].flatMap((secret) => {
    const sharing = LOGINS.filter((login) => endpoint[secretField(login)] === secret);
    return sharing.length < 2
      ? []
      : [
          `${path} uses one secret as ${sharing.join(' and ')}. Give each its own login (docs/guide/roles.sql)`,
        ];
  });
}
