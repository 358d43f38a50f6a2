import type { Template } from 'aws-cdk-lib/assertions';

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly JitterStrategy?: string;
  readonly MaxDelaySeconds?: number;
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

/** The states of a machine, with every reference resolved to an ARN; function ARNs end in the deployed name. */
export function definitionOf(template: Template, name: string): Definition {
  const machines = Object.values(template.findResources('AWS::StepFunctions::StateMachine')).map(
    ({ Properties }) => Properties as MachineProperties,
  );
  const machine = machines.find(({ StateMachineName }) => StateMachineName === name);
  if (!machine) throw new Error(`The template has no state machine ${name}.`);
  return JSON.parse(resolve(machine.DefinitionString, functionNames(template))) as Definition;
}

const functionNames = (template: Template): Map<string, string> =>
  new Map(
    Object.entries(template.findResources('AWS::Lambda::Function')).map(([id, { Properties }]) => [
      id,
      (Properties as { FunctionName: string }).FunctionName,
    ]),
  );

interface Reference {
  readonly Ref?: string;
  readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  readonly 'Fn::GetAtt'?: readonly [string, string];
}

function resolve(value: unknown, names: Map<string, string>): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Reference;
  if (join) return join[1].map((part) => resolve(part, names)).join(join[0]);
  if (attribute) return `arn:aws:lambda:eu-west-1:111122223333:function:${names.get(attribute[0])}`;
  if (Ref === 'AWS::Partition') return 'aws';
  throw new Error(`This reference is new to the test: ${JSON.stringify(value)}`);
}

/** Every state with its name, those inside maps too. */
export const allStates = (definition: Definition): [string, State][] =>
  Object.entries(definition.States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.ItemProcessor ? allStates(state.ItemProcessor) : []),
  ]);

/** Name in the contract of the function that a Task invokes. */
export const invokedBy = (state: State): string | undefined =>
  state.Parameters?.FunctionName?.split(':').at(-1)?.replace('sluice-dev-', '');
