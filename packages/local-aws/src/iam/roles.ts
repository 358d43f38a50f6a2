/** Reads the roles of a template, each with all of its attached policies. */
import { isObject, readPolicy, readTrust, requireOnly, type Report } from './documents';
import { MANAGED_POLICIES } from './managed-policies';
import type { Role, Statement } from './policy';

/** A resource of a type `AWS::IAM::…`, with its intrinsic functions resolved. */
export interface IamResource {
  readonly logicalId: string;
  readonly type: string;
  /** Physical name. */
  readonly name: string;
  /** ARN of a role or a managed policy. */
  readonly arn: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

const HARMLESS = ['Description', 'Tags'];
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'AWS::IAM::Role': [
    ...['AssumeRolePolicyDocument', 'ManagedPolicyArns', 'Policies', 'RoleName', 'Path'],
    ...['MaxSessionDuration', ...HARMLESS],
  ],
  'AWS::IAM::Policy': ['PolicyDocument', 'PolicyName', 'Roles'],
  'AWS::IAM::ManagedPolicy': ['PolicyDocument', 'ManagedPolicyName', 'Path', 'Roles', ...HARMLESS],
};

/** A policy that is a separate resource, with the names of the roles that it is attached to. */
interface Attached {
  readonly arn: string;
  readonly roles: readonly string[];
  readonly statements: readonly Statement[];
}

/** @param report receives a problem for everything that is not evaluated locally */
export function readRoles(resources: readonly IamResource[], report: Report): Role[] {
  for (const resource of resources) checkProperties(resource, report);
  const policies = resources
    .filter(({ type }) => type !== 'AWS::IAM::Role')
    .map((resource): Attached => ({
      arn: resource.arn,
      roles: readStrings(resource, 'Roles', report),
      statements: readPolicy(resource.properties['PolicyDocument'], resource.logicalId, report),
    }));
  const roles = resources
    .filter(({ type }) => type === 'AWS::IAM::Role')
    .map((resource) => readRole(resource, policies, report));
  for (const { arn, roles: names } of policies) {
    const unknown = names.filter((name) => !roles.some((role) => role.name === name));
    if (unknown.length > 0)
      report(
        `${arn}: the roles ${unknown.join(', ')} are not in the template; attach it to roles of the template`,
      );
  }
  return roles;
}

function readRole(resource: IamResource, policies: readonly Attached[], report: Report): Role {
  const { logicalId, name, arn, properties } = resource;
  return {
    ...{ logicalId, name, arn },
    trusts: readTrust(properties['AssumeRolePolicyDocument'], `${logicalId}, trust policy`, report),
    statements: [
      ...inlineStatements(resource, report),
      ...readStrings(resource, 'ManagedPolicyArns', report).flatMap((managed) =>
        managedStatements(managed, policies, logicalId, report),
      ),
      ...policies.filter(({ roles }) => roles.includes(name)).flatMap(({ statements }) => statements),
    ],
  };
}

function inlineStatements({ logicalId, properties }: IamResource, report: Report): Statement[] {
  const inline = properties['Policies'] ?? [];
  if (!Array.isArray(inline)) {
    report(`${logicalId}: Policies is ${JSON.stringify(inline)}, not a list of policies`);
    return [];
  }
  return inline.flatMap((policy: unknown, index) => {
    const name = isObject(policy) ? policy['PolicyName'] : undefined;
    if (!isObject(policy) || typeof name !== 'string') {
      const given = JSON.stringify(policy);
      report(`${logicalId}: Policies[${index}] is ${given}, not a PolicyName and a PolicyDocument`);
      return [];
    }
    const at = `${logicalId}, policy ${name}`;
    requireOnly(policy, ['PolicyName', 'PolicyDocument'], at, report);
    return readPolicy(policy['PolicyDocument'], at, report);
  });
}

function managedStatements(
  arn: string,
  policies: readonly Attached[],
  logicalId: string,
  report: Report,
): readonly Statement[] {
  const own = policies.find((policy) => policy.arn === arn);
  if (own !== undefined) return own.statements;
  const name = /^arn:[^:]+:iam::aws:policy\/(.+)$/.exec(arn)?.[1] ?? arn;
  const actions = Object.hasOwn(MANAGED_POLICIES, name) ? MANAGED_POLICIES[name] : undefined;
  if (actions !== undefined)
    return [{ effect: 'Allow', actions, resources: ['*'], qualified: null, place: `${logicalId}, ${name}` }];
  report(
    `${logicalId}: the managed policy ${arn} is not evaluated locally; grant the actions by name, or use one of ${Object.keys(MANAGED_POLICIES).join(', ')}`,
  );
  return [];
}

function checkProperties({ logicalId, type, properties }: IamResource, report: Report): void {
  const known = KNOWN[type];
  if (known === undefined) return report(`${logicalId}: ${type} is not evaluated locally; leave it out`);
  const unknown = Object.keys(properties).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    report(`${logicalId}: the properties [${unknown.join(', ')}] are not evaluated locally; leave them out`);
  const path = properties['Path'] ?? '/';
  if (path !== '/')
    report(`${logicalId}: Path ${JSON.stringify(path)} is not supported locally; leave it out`);
}

/** Reads a list of strings; an absent property is an empty list. */
function readStrings({ logicalId, properties }: IamResource, name: string, report: Report): string[] {
  const given = properties[name] ?? [];
  if (Array.isArray(given) && given.every((each) => typeof each === 'string')) return given;
  report(`${logicalId}: ${name} is ${JSON.stringify(given)}, not a list of strings`);
  return [];
}
