/** Every deployment publishes versions, which running executions keep. */
import { Template } from 'aws-cdk-lib/assertions';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { codeVersionOf } from '../../lib/code-version';
import type { SluiceStack } from '../../lib/stacks/sluice-stack';
import { ABORT, MIGRATION, SHAPES, SYNC } from '../../src/contract/lifecycle';
import { appFor, endpointsIn, stackIn } from './support';

const FUNCTION_VERSION = 'AWS::Lambda::Version';
const MACHINE_VERSION = 'AWS::StepFunctions::StateMachineVersion';

function synthesized(change: (stack: SluiceStack) => void = () => undefined, environment = 'dev'): Template {
  const stack = stackIn(appFor(environment), [endpointsIn(environment)]);
  change(stack);
  return Template.fromStack(stack);
}

/** Changes one property of every function. */
const changing =
  (property: string, value: (name: string) => unknown) =>
  (stack: SluiceStack): void => {
    for (const construct of stack.node.findAll())
      if (construct instanceof CfnFunction)
        construct.addPropertyOverride(property, value(String(construct.functionName)));
  };

const idsOf = (template: Template, type: string): string[] => Object.keys(template.findResources(type));
const everyId = (template: Template): string[] => [
  ...idsOf(template, FUNCTION_VERSION),
  ...idsOf(template, MACHINE_VERSION),
];
const codeOf = (template: Template): string =>
  (template.findOutputs('CodeVersion').CodeVersion as { Value: string }).Value;

const dev = synthesized();

test('every function and every machine has one version, which outlives the deployment', () => {
  expect(idsOf(dev, FUNCTION_VERSION)).toHaveLength(idsOf(dev, 'AWS::Lambda::Function').length);
  expect(idsOf(dev, MACHINE_VERSION)).toHaveLength(3);
  for (const type of [FUNCTION_VERSION, MACHINE_VERSION])
    dev.allResources(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
});

test('versions of machines are described by the code version', () => {
  expect(codeOf(dev)).toMatch(/^[0-9a-f]{16}$/);
  dev.allResourcesProperties(MACHINE_VERSION, { Description: codeOf(dev) });
});

test('every state that invokes a function invokes its version', () => {
  const versions = idsOf(dev, FUNCTION_VERSION);
  for (const { Properties } of Object.values(dev.findResources('AWS::StepFunctions::StateMachine'))) {
    const text = JSON.stringify((Properties as { DefinitionString: unknown }).DefinitionString);
    const invocations = text.split(':lambda:invoke').length - 1;
    const named = [...text.matchAll(/"Ref":"(\w+CurrentVersion\w+)"/g)].map(([, id]) => id!);
    expect(named).toHaveLength(invocations);
    expect(named.filter((id) => !versions.includes(id))).toEqual([]);
    expect(text).not.toContain('"Fn::GetAtt"');
  }
});

test('a deployment in which nothing changed publishes nothing: Lambda would refuse it', () => {
  expect(everyId(synthesized())).toEqual(everyId(dev));
});

test.each([
  ['code', changing('Code.S3Key', () => 'another.zip')],
  ['environment', changing('Environment.Variables.ANOTHER', () => 'variable')],
  ['size', changing('MemorySize', () => 3_008)],
])('a change of the %s of the functions publishes versions of them and of every machine', (_, change) => {
  const before = everyId(dev);
  const after = everyId(synthesized(change));
  expect(after).toHaveLength(before.length);
  expect(after.filter((id) => before.includes(id))).toEqual([]);
});

test('a change that no version contains publishes nothing', () => {
  expect(everyId(synthesized(changing('ReservedConcurrentExecutions', () => 3)))).toEqual(everyId(dev));
});

test('versions of a function share its role and its log group', () => {
  const changed = synthesized(changing('Code.S3Key', () => 'another.zip'));
  for (const type of ['AWS::IAM::Role', 'AWS::Logs::LogGroup', 'AWS::IAM::Policy'])
    expect(idsOf(changed, type)).toEqual(idsOf(dev, type));
});

describe('the code version', () => {
  const tables = [{ ...MIGRATION, shapes: SHAPES }, SYNC, ABORT];
  const code = codeVersionOf('bundle', tables);

  test('is the same for the same code, in every environment', () => {
    expect(codeVersionOf('bundle', tables)).toBe(code);
    expect(codeOf(synthesized(undefined, 'prod'))).toBe(codeOf(dev));
  });

  test('changes with the bundle, and with anything that the lifecycle compiles to', () => {
    const slower = { ...SYNC, timeoutSeconds: SYNC.timeoutSeconds + 1 };
    const codes = [
      codeVersionOf('another', tables),
      codeVersionOf('bundle', [...tables.slice(0, 1), slower, ABORT]),
      codeVersionOf('bundle', [{ ...MIGRATION, shapes: SHAPES, remedy: 'Another.' }, SYNC, ABORT]),
    ];
    expect(new Set([code, ...codes]).size).toBe(4);
  });

  test('is part of every definition: a revision that is published already would be refused', () => {
    const definitions = Object.values(dev.findResources('AWS::StepFunctions::StateMachine'));
    expect(definitions).toHaveLength(3);
    for (const { Properties } of definitions)
      expect(JSON.stringify(Properties)).toContain(`Code version ${codeOf(dev)}`);
  });
});
