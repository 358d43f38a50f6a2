/** Lists the principals: each function, state machine and rule, with its role in the template. */
import { createHash } from 'node:crypto';
import { mayAssume } from './conditions';
import type { Policies, Principal, Role } from './policy';

/** A function, a state machine, or a rule that has a role for one of its targets. */
interface RoleHolder {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
}

export interface Deployment {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly roles: readonly Role[];
  readonly functions: readonly RoleHolder[];
  readonly stateMachines: readonly RoleHolder[];
  readonly rules?: readonly RoleHolder[];
  /** Versions, retained resources, machines of the API and holders of earlier deployments, which keep the role that they were created with. */
  readonly former?: readonly FormerHolder[];
}

export interface FormerHolder extends RoleHolder {
  /** Service principal, e.g. `lambda.amazonaws.com`. */
  readonly service: string;
}

/**
 * @param administrators access keys that may do everything
 * @throws Error with every role that is missing, or that its holder's service may not assume
 */
export function policiesOf(deployment: Deployment, administrators: readonly string[]): Policies {
  const { partition, region, account, roles, functions, stateMachines } = deployment;
  const { rules = [], former = [] } = deployment;
  const problems: string[] = [];
  const roleOf = ({ roleArn }: RoleHolder): Role | undefined => roles.find(({ arn }) => arn === roleArn);
  const contextOf = ({ arn }: RoleHolder) => ({ 'aws:SourceArn': arn, 'aws:SourceAccount': account });
  const principal = (service: string, holder: RoleHolder, role: Role): Principal => {
    const arn = `arn:${partition}:sts::${account}:assumed-role/${role.name}/${holder.name}`;
    const accessKeyId = service.startsWith('lambda.') ? accessKeyIdOf(arn) : null;
    return { name: holder.name, accessKeyId, role, arn };
  };
  const principalOf = (service: string, holder: RoleHolder): Principal[] => {
    const role = roleOf(holder);
    if (role === undefined) {
      problems.push(
        `${holder.logicalId}: its role ${holder.roleArn} is not in the template; define the role there`,
      );
      return [];
    }
    if (!mayAssume(role.trusts, service, contextOf(holder)))
      problems.push(
        `${holder.logicalId}: the trust policy of ${role.logicalId} does not let ${service} assume the role for ${holder.arn}; allow it there`,
      );
    return [principal(service, holder, role)];
  };
  // A role that was deleted, or no longer trusts the service, cannot be assumed; that is not a problem of the template.
  const formerOf = ({ service, ...holder }: FormerHolder): Principal[] => {
    const role = roleOf(holder);
    const usable = role !== undefined && mayAssume(role.trusts, service, contextOf(holder));
    return usable ? [principal(service, holder, role)] : [];
  };
  const principals = [
    ...functions.flatMap((each) => principalOf('lambda.amazonaws.com', each)),
    ...stateMachines.flatMap((each) => principalOf('states.amazonaws.com', each)),
    ...rules.flatMap((each) => principalOf('events.amazonaws.com', each)),
  ];
  const current = new Set(principals.map(keyOf));
  const others = new Map(former.flatMap(formerOf).map((each) => [keyOf(each), each]));
  principals.push(...[...others].filter(([key]) => !current.has(key)).map(([, each]) => each));
  if (problems.length > 0)
    throw new Error(`The roles of the template cannot be used:\n- ${problems.join('\n- ')}`);
  return { partition, region, account, principals, administrators };
}

const keyOf = ({ arn, accessKeyId }: Principal): string => `${arn} ${accessKeyId}`;

/**
 * Returns the credentials of a function's environments. They are the same in every run.
 * @param roleArn the role of the version. @default the role of $LATEST
 * @throws Error if the function or the version has no role that it may assume
 */
export function credentialsOf(
  { principals }: Policies,
  functionName: string,
  roleArn?: string,
): Record<string, string> {
  const found = principals.find(
    ({ name, accessKeyId, role }) =>
      name === functionName && accessKeyId !== null && (roleArn === undefined || role.arn === roleArn),
  );
  if (found?.accessKeyId === undefined || found.accessKeyId === null)
    throw new Error(`Function ${functionName} has no credentials: it is not among the principals.`);
  return {
    AWS_ACCESS_KEY_ID: found.accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
  };
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Derives an access key id that has the form of a temporary one. */
function accessKeyIdOf(arn: string): string {
  const bytes = [...createHash('sha256').update(arn).digest().subarray(0, 16)];
  return `ASIA${bytes.map((byte) => BASE32[byte % 32]).join('')}`;
}
