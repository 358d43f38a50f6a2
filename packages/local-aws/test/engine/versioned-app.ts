/** An app whose functions and state machines are versioned, in several generations. */
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import {
  CfnStateMachineAlias,
  CfnStateMachineVersion,
  DefinitionBody,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import { buildSync } from 'esbuild';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PLACE = { account: '123456789012', region: 'eu-central-1' };
export const arnOf = (service: string, resource: string): string =>
  `arn:aws:${service}:${PLACE.region}:${PLACE.account}:${resource}`;
export const FUNCTION_ARN = arnOf('lambda', 'function:worker');
export const machineArn = (name: string): string => arnOf('states', `stateMachine:${name}`);

export interface Generation {
  /** The word that the functions and state machines of the generation return. */
  readonly word: string;
  /** Whether versions stay when they leave the stack. @default true */
  readonly retain?: boolean;
  /** ARNs that the state machines may invoke. @default every version of the function */
  readonly mayInvoke?: readonly string[];
  /** Adds to the stack before it is synthesized. */
  readonly extend?: (stack: Stack, worker: LambdaFunction) => void;
}

/** @returns the directory of the assembly, which is new for each call */
export function synthesizeGeneration(directory: string, generation: Generation): string {
  const { word, retain = true, mayInvoke = [FUNCTION_ARN, `${FUNCTION_ARN}:*`] } = generation;
  mkdirSync(directory, { recursive: true });
  const code = join(directory, 'code');
  mkdirSync(code);
  writeFileSync(join(code, 'index.js'), bundle(word));
  const outdir = join(directory, 'cdk.out');
  const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Versioned', { env: PLACE });
  const removalPolicy = retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  const worker = new LambdaFunction(stack, 'Worker', {
    functionName: 'worker',
    code: Code.fromAsset(code),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    memorySize: 256,
    currentVersionOptions: { removalPolicy },
  });
  worker.addAlias('live');
  const versionOf = (id: string, machine: StateMachine): CfnStateMachineVersion => {
    const version = new CfnStateMachineVersion(stack, `${id}Version`, {
      stateMachineArn: machine.stateMachineArn,
      stateMachineRevisionId: machine.stateMachineRevisionId,
    });
    version.applyRemovalPolicy(removalPolicy);
    return version;
  };
  const machine = (id: string, definition: object): StateMachine => {
    const made = new StateMachine(stack, id, {
      stateMachineName: id.toLowerCase(),
      definitionBody: DefinitionBody.fromString(stack.toJsonString(definition)),
    });
    made.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [...mayInvoke] }),
    );
    const started = ['steps', 'child', 'self'].map(machineArn);
    made.addToRolePolicy(new PolicyStatement({ actions: ['states:StartExecution'], resources: started }));
    return made;
  };
  const child = versionOf('Child', machine('Child', saying(word)));
  const steps = versionOf(
    'Steps',
    machine('Steps', stepsOf(word, worker.currentVersion.functionArn, child.ref)),
  );
  versionOf('Self', machine('Self', renewing(word)));
  new CfnStateMachineAlias(stack, 'StepsLive', {
    name: 'live',
    routingConfiguration: [{ stateMachineVersionArn: steps.ref, weight: 100 }],
  });
  new CfnOutput(stack, 'StepsVersionArn', { value: steps.ref });
  new CfnOutput(stack, 'WorkerVersion', { value: worker.currentVersion.version });
  generation.extend?.(stack, worker);
  app.synth();
  return outdir;
}

function bundle(word: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, 'versioned-handler.ts')],
    define: { WORD: JSON.stringify(word) },
    ...{ bundle: true, write: false, platform: 'node', target: 'node20', format: 'cjs' },
  });
  return outputFiles[0]?.text ?? '';
}

const saying = (word: string): object => ({
  StartAt: 'Say',
  States: { Say: { Type: 'Pass', Result: { word }, End: true } },
});

const invoking = (FunctionName: string, rest: object): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName, Payload: {} },
  ResultSelector: { 'word.$': '$.Payload.word', 'executed.$': '$.ExecutedVersion' },
  ...rest,
});

/** Invokes the version before and after a callback, also in the children of a Map Run, and starts a version of another machine. */
const stepsOf = (word: string, worker: string, child: string): object => ({
  Comment: word,
  StartAt: 'First',
  States: {
    First: invoking(worker, { ResultPath: '$.first', Next: 'Hold' }),
    Hold: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: worker, Payload: { 'file.$': '$.file', 'token.$': '$$.Task.Token' } },
      ResultPath: null,
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Item',
        States: { Item: invoking(worker, { End: true }) },
      },
      ResultPath: '$.each',
      Next: 'Nested',
    },
    Nested: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: child, Input: {} },
      ResultSelector: { 'word.$': '$.Output.word' },
      ResultPath: '$.nested',
      Next: 'Last',
    },
    Last: invoking(worker, { ResultPath: '$.last', End: true }),
  },
});

/** Starts itself again by the ARN in its input, until nothing is left. */
const renewing = (word: string): object => ({
  StartAt: 'Pause',
  States: {
    Pause: { Type: 'Wait', Seconds: 1, Next: 'Left' },
    Left: {
      Type: 'Choice',
      Choices: [{ Variable: '$.left', NumericGreaterThan: 0, Next: 'Renew' }],
      Default: 'Say',
    },
    Renew: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: {
        'StateMachineArn.$': '$.pinned',
        Input: { 'pinned.$': '$.pinned', 'left.$': 'States.MathAdd($.left, -1)' },
      },
      ResultSelector: { 'inner.$': '$.Output', word, 'arn.$': '$.ExecutionArn' },
      End: true,
    },
    Say: { Type: 'Pass', Result: { word }, End: true },
  },
});
