/** A small app, synthesized and run on the local engine. */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine, type Engine } from 'local-aws';

export interface EngineScene {
  readonly engine: Engine;
  readonly functionName: string;
  /** ARN of a machine that counts to `$.until` with two states per step. */
  readonly counting: string;
  /** ARN of the same machine with an invocation in each step. */
  readonly invoking: string;
  close(): Promise<void>;
}

const BUNDLE = 'exports.handler = async (event) => event;';
const MEMORY_MEGABYTES = 256;
const TIMEOUT_SECONDS = 30;

/** @throws Error if the engine cannot start */
export async function openEngineScene(): Promise<EngineScene> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-engine-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const engine = await startEngine({
      assemblyDirectory: synthesize(directory),
      stateDirectory: join(directory, 'state'),
      clusters: {},
      secrets: {},
    });
    return {
      engine,
      functionName: engine.outputs['FunctionName']!,
      counting: engine.outputs['Counting']!,
      invoking: engine.outputs['Invoking']!,
      close: async () => {
        await engine.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** @returns the directory of the assembly */
function synthesize(directory: string): string {
  const code = join(directory, 'code');
  mkdirSync(code);
  writeFileSync(join(code, 'index.js'), BUNDLE);
  const outdir = join(directory, 'cdk.out');
  const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Bench', { env: { account: '111122223333', region: 'eu-west-1' } });
  const echo = new LambdaFunction(stack, 'Echo', {
    functionName: 'bench-echo',
    code: Code.fromAsset(code),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    memorySize: MEMORY_MEGABYTES,
  });
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
  echo.grantInvoke(role);
  const machine = (id: string, step: object): string =>
    new CfnStateMachine(stack, id, {
      stateMachineName: `bench-${id.toLowerCase()}`,
      roleArn: role.roleArn,
      definition: countingTo(step),
    }).attrArn;
  const counting = machine('CountingMachine', {
    Type: 'Pass',
    Parameters: { 'count.$': 'States.MathAdd($.count, 1)', 'until.$': '$.until', 'text.$': '$.text' },
  });
  const invoking = machine('InvokingMachine', {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: {
      FunctionName: echo.functionArn,
      Payload: { 'count.$': 'States.MathAdd($.count, 1)', 'until.$': '$.until', 'text.$': '$.text' },
    },
    OutputPath: '$.Payload',
    TimeoutSeconds: TIMEOUT_SECONDS,
  });
  new CfnOutput(stack, 'FunctionName', { value: echo.functionName });
  new CfnOutput(stack, 'Counting', { value: counting });
  new CfnOutput(stack, 'Invoking', { value: invoking });
  app.synth();
  return outdir;
}

/** Input: `{ count, until, text }`. */
const countingTo = (step: object): object => ({
  StartAt: 'Step',
  States: {
    Step: { ...step, Next: 'Enough' },
    Enough: {
      Type: 'Choice',
      Choices: [{ Variable: '$.count', NumericLessThanPath: '$.until', Next: 'Step' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
});
