/** The roles of a template, each with every policy that is attached to it. */
import { readPolicy, readTrust, type Report } from './documents';
import { MANAGED_POLICIES } from './managed-policies';
import type { Role, Statement } from './policy';

/** A resource of type `AWS::IAM::…`, its intrinsic functions resolved. */
export interface IamResource {
  readonly logicalId: string;
  readonly type: string;
  /** Physical name. */
  readonly name: string;
  /** Of a role or a managed policy. */
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

/** A policy that stands on its own, and the names of the roles it is attached to. */
interface Attached {
  readonly arn: string;
  readonly roles: readonly string[];
  readonly statements: readonly Statement[];
}

/** @param report told of everything that is not evaluated locally */
export function readRoles(resources: readonly IamResource[], report: Report): Role[] {
  for (const resource of resources) checkProperties(resource, report);
  const policies = resources
    .filter(({ type }) => type !== 'AWS::IAM::Role')
    .map(({ logicalId, arn, properties }): Attached => ({
      arn,
      roles: listOf(properties['Roles']),
      statements: readPolicy(properties['PolicyDocument'], logicalId, report),
    }));
  const roles = resources
    .filter(({ type }) => type === 'AWS::IAM::Role')
    .map((resource) => readRole(resource, policies, report));
  for (const { arn, roles: names } of policies) {
    const strange = names.filter((name) => !roles.some((role) => role.name === name));
    if (strange.length > 0) report(`${arn}: the roles ${strange.join(', ')} are not in the template`);
  }
  return roles;
}

function readRole(resource: IamResource, policies: readonly Attached[], report: Report): Role {
  const { logicalId, name, arn, properties } = resource;
  const inline = (properties['Policies'] ?? []) as readonly {
    PolicyName?: unknown;
    PolicyDocument?: unknown;
  }[];
  return {
    ...{ logicalId, name, arn },
    trusts: readTrust(properties['AssumeRolePolicyDocument'], `${logicalId}, who may assume it`, report),
    statements: [
      ...inline.flatMap(({ PolicyName, PolicyDocument }) =>
        readPolicy(PolicyDocument, `${logicalId}, policy ${String(PolicyName)}`, report),
      ),
      ...listOf(properties['ManagedPolicyArns']).flatMap((managed) =>
        managedStatements(managed, policies, logicalId, report),
      ),
      ...policies.filter(({ roles }) => roles.includes(name)).flatMap(({ statements }) => statements),
    ],
  };
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
    return [{ effect: 'Allow', actions, resources: ['*'], place: `${logicalId}, ${name}` }];
  report(
    `${logicalId}: the local engine does not know what the managed policy ${arn} allows; grant the actions by name, or use one of ${Object.keys(MANAGED_POLICIES).join(', ')}`,
  );
  return [];
}

function checkProperties({ logicalId, type, properties }: IamResource, report: Report): void {
  const known = KNOWN[type];
  if (known === undefined) return report(`${logicalId}: ${type} is not evaluated locally`);
  const unknown = Object.keys(properties).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    report(`${logicalId}: the properties [${unknown.join(', ')}] are not evaluated locally`);
  const path = properties['Path'] ?? '/';
  if (path !== '/')
    report(`${logicalId}: Path ${JSON.stringify(path)} is not supported locally; leave it out`);
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
