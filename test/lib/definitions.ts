import type { Template } from 'aws-cdk-lib/assertions';

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly JitterStrategy?: string;
  readonly MaxDelaySeconds?: number;
  readonly MaxAttempts: number;
}

export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Resource?: string;
  readonly ResultPath?: string | null;
  readonly SecondsPath?: string;
  readonly ItemProcessor?: Definition & { readonly ProcessorConfig: unknown };
  readonly Parameters?: { readonly FunctionName?: string; readonly Payload?: Record<string, unknown> };
  readonly [field: string]: unknown;
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number;
}

interface MachineProperties {
  readonly StateMachineName: string;
  readonly DefinitionString: unknown;
}

/** The states of a machine, with every reference resolved to an ARN. A version counts as its function or machine. */
export function definitionOf(template: Template, name: string): Definition {
  const machines = Object.values(template.findResources('AWS::StepFunctions::StateMachine')).map(
    ({ Properties }) => Properties as MachineProperties,
  );
  const machine = machines.find(({ StateMachineName }) => StateMachineName === name);
  if (!machine) throw new Error(`The template has no state machine ${name}.`);
  return JSON.parse(resolve(machine.DefinitionString, template)) as Definition;
}

/** Properties of a resource that are strings. */
export const propertiesOf = (template: Template, logicalId: string): Record<string, string> =>
  (template.toJSON() as { Resources: Record<string, { Properties: Record<string, string> }> }).Resources[
    logicalId
  ]!.Properties;

interface Reference {
  readonly Ref?: string;
  readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  readonly 'Fn::GetAtt'?: readonly [string, string];
}

function resolve(value: unknown, template: Template): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Reference;
  if (join) return join[1].map((part) => resolve(part, template)).join(join[0]);
  if (attribute)
    return `arn:aws:lambda:eu-west-1:111122223333:function:${propertiesOf(template, attribute[0]).FunctionName}`;
  if (Ref === 'AWS::Partition') return 'aws';
  const properties = Ref === undefined ? {} : propertiesOf(template, Ref);
  const versioned = properties.FunctionName ?? properties.StateMachineArn;
  if (typeof versioned === 'object') return resolve(versioned, template);
  if (typeof versioned === 'string') return `arn:aws:lambda:eu-west-1:111122223333:function:${versioned}`;
  const machine = properties.StateMachineName;
  if (machine) return `arn:aws:states:eu-west-1:111122223333:stateMachine:${machine}`;
  throw new Error(`This reference is new to the test: ${JSON.stringify(value)}`);
}

/** Every state with its name, including those inside maps. */
export const allStates = (definition: Definition): [string, State][] =>
  Object.entries(definition.States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.ItemProcessor ? allStates(state.ItemProcessor) : []),
  ]);

/** Names of the states from the start to the end or the first repeated one; by default a Choice takes its first rule. */
export function pathThrough(
  definition: Definition,
  choosing: Readonly<Record<string, number>> = {},
): string[] {
  const path: string[] = [];
  let name: string | undefined = definition.StartAt;
  while (name !== undefined && !path.includes(name)) {
    path.push(name);
    const state: State = definition.States[name]!;
    name =
      state.Type === 'Choice' ? (state.Choices![choosing[name] ?? 0]?.Next ?? state.Default) : state.Next;
  }
  return path;
}

/** Contract name of the function that a Task invokes. */
export const invokedBy = (state: State): string | undefined =>
  state.Parameters?.FunctionName?.split(':').at(-1)?.replace('sluice-dev-', '');
