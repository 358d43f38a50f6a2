/**
 * Whether events can reach what rules name. In AWS a rule without these permissions deploys, and then delivers nothing:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
import { actionMatches, resourceMatches } from '../iam/patterns';
import type { Resolve } from './intrinsics';
import type { Template } from './manifest';
import type { RuleResource } from './observation';

interface Deployed {
  readonly functions: readonly { readonly name: string; readonly arn: string }[];
  readonly stateMachines: readonly { readonly arn: string }[];
  readonly queues: readonly { readonly arn: string }[];
  readonly rules: readonly RuleResource[];
}

type Json = Readonly<Record<string, unknown>>;
const EVENTS = 'events.amazonaws.com';

export function deliveryProblems(deployed: Deployed, template: Template, resolve: Resolve): string[] {
  if (deployed.rules.length === 0) return [];
  const propertiesOf = (type: string): Json[] =>
    Object.values(template.Resources ?? {})
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => resolve(Properties ?? {}) as Json);
  const permissions = propertiesOf('AWS::Lambda::Permission');
  const statements = propertiesOf('AWS::SQS::QueuePolicy').flatMap(statementsOf);
  return deployed.rules.flatMap((rule) => {
    const problem = (what: string): string => `${rule.logicalId} (AWS::Events::Rule): ${what}`;
    return rule.targets.flatMap(({ id, arn, kind, deadLetterArn }) => {
      const found = [...deployed.functions, ...deployed.stateMachines].find((each) => each.arn === arn);
      if (found === undefined) return [problem(`target ${id}: the template has no ${arn}`)];
      const problems: string[] = [];
      if (kind === 'function' && !permissions.some((each) => invokes(each, arn, rule.arn)))
        problems.push(
          problem(`target ${id}: no AWS::Lambda::Permission lets ${EVENTS} invoke ${arn} for ${rule.arn}`),
        );
      if (deadLetterArn === undefined) return problems;
      if (!deployed.queues.some((queue) => queue.arn === deadLetterArn))
        problems.push(problem(`target ${id}: the template has no queue ${deadLetterArn}`));
      else if (!statements.some((statement) => sends(statement, deadLetterArn, rule.arn)))
        problems.push(
          problem(
            `target ${id}: no AWS::SQS::QueuePolicy lets ${EVENTS} send to ${deadLetterArn} for ${rule.arn}`,
          ),
        );
      return problems;
    });
  });
}

function invokes(permission: Json, functionArn: string, ruleArn: string): boolean {
  const { Action, Principal, FunctionName, SourceArn } = permission;
  const name = functionArn.split(':').at(-1);
  return (
    typeof Action === 'string' &&
    actionMatches(Action, 'lambda:InvokeFunction') &&
    Principal === EVENTS &&
    (FunctionName === functionArn || FunctionName === name) &&
    (SourceArn === undefined || (typeof SourceArn === 'string' && resourceMatches(SourceArn, ruleArn)))
  );
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as readonly unknown[]) : value === undefined ? [] : [value];

const statementsOf = ({ PolicyDocument: document }: Json): Json[] =>
  listOf((document as Json | undefined)?.['Statement']) as Json[];

/** A condition other than one on the rule's ARN is taken as one that does not hold. */
function sends(statement: Json, queueArn: string, ruleArn: string): boolean {
  const { Effect, Principal, Action, Resource, Condition = {} } = statement;
  const conditions = Object.entries(Condition as Readonly<Record<string, Json>>);
  return (
    Effect === 'Allow' &&
    listOf((Principal as Json | undefined)?.['Service']).includes(EVENTS) &&
    listOf(Action).some((action) => actionMatches(String(action), 'sqs:SendMessage')) &&
    listOf(Resource).some((resource) => resourceMatches(String(resource), queueArn)) &&
    conditions.every(
      ([operator, keys]) =>
        ['ArnEquals', 'ArnLike'].includes(operator) &&
        Object.entries(keys).every(
          ([key, value]) =>
            key === 'aws:SourceArn' && listOf(value).some((arn) => resourceMatches(String(arn), ruleArn)),
        ),
    )
  );
}
