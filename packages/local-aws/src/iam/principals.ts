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
}

/**
 * @param administrators access keys that may do everything
 * @throws Error with every role that is missing, or that its holder's service may not assume
 */
export function policiesOf(deployment: Deployment, administrators: readonly string[]): Policies {
  const { partition, region, account, roles, functions, stateMachines, rules = [] } = deployment;
  const problems: string[] = [];
  const principalOf = (service: string, holder: RoleHolder): Principal[] => {
    const role = roles.find(({ arn }) => arn === holder.roleArn);
    if (role === undefined) {
      problems.push(
        `${holder.logicalId}: its role ${holder.roleArn} is not in the template; define the role there`,
      );
      return [];
    }
    const context = { 'aws:SourceArn': holder.arn, 'aws:SourceAccount': account };
    if (!mayAssume(role.trusts, service, context))
      problems.push(
        `${holder.logicalId}: the trust policy of ${role.logicalId} does not let ${service} assume the role for ${holder.arn}; allow it there`,
      );
    const arn = `arn:${partition}:sts::${account}:assumed-role/${role.name}/${holder.name}`;
    const accessKeyId = service.startsWith('lambda.') ? accessKeyIdOf(arn) : null;
    return [{ name: holder.name, accessKeyId, role, arn }];
  };
  const principals = [
    ...functions.flatMap((each) => principalOf('lambda.amazonaws.com', each)),
    ...stateMachines.flatMap((each) => principalOf('states.amazonaws.com', each)),
    ...rules.flatMap((each) => principalOf('events.amazonaws.com', each)),
  ];
  if (problems.length > 0)
    throw new Error(`The roles of the template cannot be used:\n- ${problems.join('\n- ')}`);
  return { partition, region, account, principals, administrators };
}

/** Returns the credentials of a function's environments. They are the same in every run. */
export function credentialsOf({ principals }: Policies, functionName: string): Record<string, string> {
  const found = principals.find(({ name, accessKeyId }) => name === functionName && accessKeyId !== null);
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
