import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { compile } from '../../lib/workflows/compile';
import type { Invoked, MachineTable } from '../../lib/workflows/parts';
import { stateMachineName } from '../../src/contract/names';
import { definitionOf, type Definition } from './definitions';

/** Compiles a table into a definition for `dev`. It may name any function and start any machine. */
export function definitionFrom(table: MachineTable): Definition {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] }, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Compiled', { env: { account: '111122223333', region: 'eu-west-1' } });
  const functions = new Map<string, Invoked>();
  const get = (name: string): Invoked => {
    const arn = `arn:aws:lambda:eu-west-1:111122223333:function:sluice-dev-${name}`;
    const found = functions.get(name) ?? {
      version: LambdaFunction.fromFunctionArn(stack, name, arn),
      timeout: Duration.minutes(15),
    };
    functions.set(name, found);
    return found;
  };
  const name = stateMachineName('dev', table.name);
  const first = compile(
    new Construct(stack, 'States'),
    {
      ...{ environmentName: 'dev', code: 'c0de', functions: { get } },
      machine: (started) => {
        const arn = `arn:aws:states:eu-west-1:111122223333:stateMachine:${stateMachineName('dev', started)}`;
        return { machineArn: arn, versionArn: arn };
      },
    },
    table,
  );
  new StateMachine(stack, 'Machine', {
    stateMachineName: name,
    definitionBody: DefinitionBody.fromChainable(first),
    timeout: Duration.seconds(table.timeoutSeconds),
  });
  return definitionOf(Template.fromStack(stack), name);
}
