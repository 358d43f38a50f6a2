import { integer, list, oneOf, structure, text, textOf, type Shape } from '../aws-json';
import { compileInput, type MakeInput } from './input';
import { LIMITS } from './limits';
import { compilePattern, type Matches } from './pattern';

/** Accepts any value; its reader checks the content. */
const anything: Shape<unknown> = { check: () => undefined };

const ARN = textOf(1, LIMITS.arnLengthMax);
const TARGET = structure(
  { Id: textOf(1, LIMITS.targetIdLengthMax), Arn: ARN },
  {
    ...{ RoleArn: ARN, Input: text, InputPath: text },
    InputTransformer: structure({ InputTemplate: text }, { InputPathsMap: anything }),
    DeadLetterConfig: structure({ Arn: ARN }, {}),
    RetryPolicy: structure({}, { MaximumRetryAttempts: integer, MaximumEventAgeInSeconds: integer }),
  },
);
/** The supported properties of AWS::Events::Rule; schedules are not supported. */
const RULE = structure(
  { Name: text, EventPattern: anything },
  {
    ...{
      Description: textOf(0, LIMITS.descriptionLengthMax),
      EventBusName: text,
      State: oneOf('ENABLED', 'DISABLED'),
    },
    ...{ Targets: list(TARGET, LIMITS.targetsPerRuleMax), Tags: anything },
  },
);
type TargetGiven = typeof TARGET extends Shape<infer T> ? T : never;
type RuleGiven = typeof RULE extends Shape<infer T> ? T : never;

export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly kind: 'function' | 'stateMachine';
  readonly roleArn: string | undefined;
  readonly makeInput: MakeInput;
  readonly deadLetterArn: string | undefined;
  readonly retryAttemptsMax: number;
  readonly eventAgeMsMax: number;
  readonly given: TargetGiven;
}

export interface Rule {
  readonly name: string;
  readonly enabled: boolean;
  readonly matches: Matches;
  readonly targets: readonly Target[];
  readonly given: RuleGiven;
}

const KINDS: readonly (readonly [RegExp, Target['kind']])[] = [
  [/^arn:[^:]+:lambda:[^:]*:\d*:function:/, 'function'],
  [/^arn:[^:]+:states:[^:]*:\d*:stateMachine:/, 'stateMachine'],
];

/** @throws Error that reports everything invalid, unknown or not supported */
export function readRule(given: unknown): Rule {
  const problems: string[] = [];
  RULE.check(given, '', problems);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const rule = given as RuleGiven;
  const { EventBusName: bus = 'default', State = 'ENABLED', Targets = [] } = rule;
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(rule.Name))
    problems.push(`the name ${rule.Name} must have 1 to 64 letters, digits, dots, dashes and underscores`);
  if (bus !== 'default') problems.push(`EventBusName ${bus} is not supported. Use the default bus`);
  const collect = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push((error as Error).message);
      return undefined;
    }
  };
  const matches = collect(() => compilePattern(rule.EventPattern));
  const targets = Targets.map((target) => collect(() => readTarget(target)));
  const ids = Targets.map(({ Id }) => Id);
  if (new Set(ids).size < ids.length) problems.push(`two targets have the same Id: ${ids.join(', ')}`);
  if (problems.length > 0) throw new Error(problems.join('; '));
  return {
    name: rule.Name,
    enabled: State === 'ENABLED',
    matches: matches!,
    targets: targets as readonly Target[],
    given: rule,
  };
}

function readTarget(given: TargetGiven): Target {
  const { Id: id, Arn: arn, RoleArn: roleArn, RetryPolicy: retry = {} } = given;
  const problem = (what: string): Error => new Error(`target ${id}: ${what}`);
  if (!/^[.\-_A-Za-z0-9]+$/.test(id))
    throw problem('its Id may contain only letters, digits, dots, dashes and underscores');
  const kind = KINDS.find(([arns]) => arns.test(arn))?.[1];
  if (kind === undefined) throw problem(`${arn} is neither a Lambda function nor a state machine`);
  if (kind === 'stateMachine' && roleArn === undefined) throw problem('a state machine requires a RoleArn');
  if (kind === 'function' && roleArn !== undefined)
    throw problem(
      'a function must not have a RoleArn. Grant events.amazonaws.com a Lambda permission instead',
    );
  const { MaximumRetryAttempts: attempts = LIMITS.retryAttemptsMax } = retry;
  const { MaximumEventAgeInSeconds: seconds = LIMITS.eventAgeSeconds.max } = retry;
  if (attempts < 0 || attempts > LIMITS.retryAttemptsMax)
    throw problem(`MaximumRetryAttempts ${attempts} is not between 0 and ${LIMITS.retryAttemptsMax}`);
  const { min, max } = LIMITS.eventAgeSeconds;
  if (seconds < min || seconds > max)
    throw problem(`MaximumEventAgeInSeconds ${seconds} is not between ${min} and ${max}`);
  let makeInput: MakeInput;
  try {
    makeInput = compileInput(given);
  } catch (error) {
    throw problem((error as Error).message);
  }
  return {
    ...{ id, arn, kind, roleArn, makeInput, given },
    deadLetterArn: given.DeadLetterConfig?.Arn,
    retryAttemptsMax: attempts,
    eventAgeMsMax: seconds * 1000,
  };
}
