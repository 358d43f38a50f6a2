/** Gives the roles of the template to state machines that are created or updated through the API. */
import type { Assembly } from '../assembly';
import { mayAssume, type FormerHolder, type Refusal } from '../iam';

const SERVICE = 'states.amazonaws.com';

export interface ApiMachine {
  readonly name: string;
  readonly stateMachineArn: string;
}

export const holderOf = ({ name, stateMachineArn: arn }: ApiMachine, roleArn: string): FormerHolder => ({
  ...{ service: SERVICE, logicalId: name, name, arn, roleArn },
});

/**
 * Returns why the state machine may not have the role, with the name and the first words of AWS's error, and the
 * remedy. Returns undefined if it may.
 */
export function roleRefusal(
  { roles, account }: Assembly,
  { name, stateMachineArn }: ApiMachine,
  roleArn: string,
): Refusal | undefined {
  const role = roles.find(({ arn }) => arn === roleArn);
  const context = { 'aws:SourceArn': stateMachineArn, 'aws:SourceAccount': account };
  if (role !== undefined && mayAssume(role.trusts, SERVICE, context)) return undefined;
  const remedy =
    role === undefined
      ? `The role is not in the deployed template; define it there, or name one of ${roles.map(({ arn }) => arn).join(', ')}.`
      : `Allow ${SERVICE} to assume the role for ${stateMachineArn} in the trust policy of ${role.logicalId}.`;
  return {
    name: 'AccessDeniedException',
    message: `Neither the global service principal ${SERVICE}, nor the regional one is authorized to assume the provided role: ${roleArn}, for state machine '${name}'. ${remedy}`,
  };
}
