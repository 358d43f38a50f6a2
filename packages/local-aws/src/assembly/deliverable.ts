/**
 * Whether events can reach what rules name. In AWS a rule without these permissions deploys, and then delivers nothing:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
import type { RuleResource } from './observation';
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
const functionsOf = (declared: readonly Declared[]): readonly Declared[] =>
  ofType(declared, 'AWS::Lambda::Function');
const queuesOf = (declared: readonly Declared[]): readonly Declared[] => ofType(declared, 'AWS::SQS::Queue');

export function deliveryProblems(deployed: Deployed, account: string): string[] {
  return [
    ...strayProblems(deployed),
    ...deployed.rules.flatMap((rule) =>
      rule.targets.flatMap((target) =>
        targetProblems(deployed, account, rule, target).map(
          (what) => `${rule.logicalId} (AWS::Events::Rule): target ${target.id}: ${what}`,
        ),
      ),
    ),
  ];
}

/** Permissions on what the template does not have; of two policies of one queue, SQS keeps the later. */
function strayProblems({ declared, permissions, queuePolicies }: Deployed): string[] {
  const [functions, queues] = [functionsOf(declared), queuesOf(declared)];
  const owners = queuePolicies.flatMap((policy) => policy.queues.map((queue) => ({ ...policy, queue })));
  return [
    ...permissions
      .filter(({ functionName }) => !functions.some((each) => isNamed(each, functionName)))
      .map(
        ({ logicalId, functionName }) =>
          `${logicalId} (AWS::Lambda::Permission): FunctionName ${functionName} is no function of the template`,
      ),
    ...owners.flatMap(({ logicalId, queue }, index) => {
      const problem = (what: string): string => `${logicalId} (AWS::SQS::QueuePolicy): ${what}`;
      if (!queues.some(({ name }) => name === queue))
        return [problem(`Queues names ${queue}, which is no queue of the template`)];
      return owners.slice(0, index).some((other) => other.queue === queue)
        ? [problem(`the queue ${queue} has a policy already; write one with the statements of both`)]
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
  const started = ofType(declared, 'AWS::Lambda::Function', 'AWS::StepFunctions::StateMachine');
  const found = started.find((each) => each.arn === arn);
  if (found === undefined) return [`the template has no ${arn}`];
  const source = { principal: EVENTS, sourceArn: rule.arn, sourceAccount: account };
  const invocable = permissions.some((each) => isNamed(found, each.functionName) && each.lets(source));
  const problems =
    kind === 'function' && !invocable
      ? [`no AWS::Lambda::Permission lets ${EVENTS} invoke ${arn} for ${rule.arn}`]
      : [];
  if (deadLetterArn === undefined) return problems;
  const queue = queuesOf(declared).find((each) => each.arn === deadLetterArn);
  if (queue === undefined) return [...problems, `the template has no queue ${deadLetterArn}`];
  const sendable = queuePolicies.some(
    (each) => each.queues.includes(queue.name) && each.lets({ ...source, queueArn: deadLetterArn }),
  );
  return sendable
    ? problems
    : [...problems, `no AWS::SQS::QueuePolicy lets ${EVENTS} send to ${deadLetterArn} for ${rule.arn}`];
}

const isNamed = ({ name, arn }: Declared, given: string): boolean => given === name || given === arn;
