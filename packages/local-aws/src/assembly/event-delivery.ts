/**
 * Checks that EventBridge may deliver to the targets and dead-letter queues of all rules. In AWS, a rule without these
 * permissions deploys, and then delivers nothing:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
import type { RuleResource } from './monitoring';
import type { Permission } from './permissions';
import type { QueuePolicy } from './queue-policies';

/** A resource of the template, whether or not it can be run. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly arn: string;
}

interface Deployed {
  readonly declared: readonly Declared[];
  readonly rules: readonly RuleResource[];
  readonly permissions: readonly Permission[];
  readonly queuePolicies: readonly QueuePolicy[];
}

const EVENTS = 'events.amazonaws.com';
const ofType = (declared: readonly Declared[], ...types: readonly string[]): readonly Declared[] =>
  declared.filter(({ type }) => types.includes(type));
/** Each version and alias has a policy of its own. */
const FUNCTION_TYPES = ['AWS::Lambda::Function', 'AWS::Lambda::Version', 'AWS::Lambda::Alias'];
const MACHINE_TYPES = [
  'AWS::StepFunctions::StateMachine',
  'AWS::StepFunctions::StateMachineVersion',
  'AWS::StepFunctions::StateMachineAlias',
];
const functionsOf = (declared: readonly Declared[]): readonly Declared[] =>
  ofType(declared, ...FUNCTION_TYPES);
const queuesOf = (declared: readonly Declared[]): readonly Declared[] => ofType(declared, 'AWS::SQS::Queue');

export function deliveryProblems(deployed: Deployed, account: string): string[] {
  return [
    ...unmatchedProblems(deployed),
    ...deployed.rules.flatMap((rule) =>
      rule.targets.flatMap((target) =>
        targetProblems(deployed, account, rule, target).map(
          (problem) => `${rule.logicalId} (AWS::Events::Rule): target ${target.id}: ${problem}`,
        ),
      ),
    ),
  ];
}

/** Permissions on resources outside the template, and queues with two policies, of which SQS keeps the later. */
function unmatchedProblems({ declared, permissions, queuePolicies }: Deployed): string[] {
  const [functions, queues] = [functionsOf(declared), queuesOf(declared)];
  const owners = queuePolicies.flatMap((policy) => policy.queues.map((queue) => ({ ...policy, queue })));
  return [
    ...permissions
      .filter(({ functionName }) => !functions.some((each) => isNamed(each, functionName)))
      .map(
        ({ logicalId, functionName }) =>
          `${logicalId} (AWS::Lambda::Permission): FunctionName ${functionName} is not a function in the template`,
      ),
    ...owners.flatMap(({ logicalId, queue }, index) => {
      const problem = (text: string): string => `${logicalId} (AWS::SQS::QueuePolicy): ${text}`;
      if (!queues.some(({ name }) => name === queue))
        return [problem(`Queues names ${queue}, which is not a queue in the template`)];
      return owners.slice(0, index).some((other) => other.queue === queue)
        ? [problem(`the queue ${queue} already has a policy; write one policy with the statements of both`)]
        : [];
    }),
  ];
}

function targetProblems(
  { declared, permissions, queuePolicies }: Deployed,
  account: string,
  rule: RuleResource,
  { arn, kind, deadLetterArn }: RuleResource['targets'][number],
): string[] {
  const invocable = ofType(declared, ...FUNCTION_TYPES, ...MACHINE_TYPES);
  const found = invocable.find((each) => each.arn === arn);
  if (found === undefined) return [`the template has no ${arn}`];
  const source = { principal: EVENTS, sourceArn: rule.arn, sourceAccount: account };
  const mayInvoke = permissions.some((each) => isNamed(found, each.functionName) && each.allows(source));
  const problems =
    kind === 'function' && !mayInvoke
      ? [`no AWS::Lambda::Permission allows ${EVENTS} to invoke ${arn} for ${rule.arn}`]
      : [];
  if (deadLetterArn === undefined) return problems;
  const queue = queuesOf(declared).find((each) => each.arn === deadLetterArn);
  if (queue === undefined) return [...problems, `the template has no queue ${deadLetterArn}`];
  const maySend = queuePolicies.some(
    (each) => each.queues.includes(queue.name) && each.allows({ ...source, queueArn: deadLetterArn }),
  );
  return maySend
    ? problems
    : [...problems, `no AWS::SQS::QueuePolicy allows ${EVENTS} to send to ${deadLetterArn} for ${rule.arn}`];
}

const isNamed = ({ name, arn }: Declared, given: string): boolean => given === name || given === arn;
