/** Runs in a separate process: starts a Map Run, prints its progress after three children, and waits to be killed. */
import { startStepFunctions } from '../../src/step-functions';

async function main(stateDirectory: string): Promise<void> {
  const done: unknown[] = [];
  const engine = await startStepFunctions({
    region: 'eu-west-1',
    account: '111122223333',
    stateDirectory,
    runTask: {
      async invokeLambda(_function, payload) {
        if (Number(payload) >= 3) await new Promise(() => undefined);
        done.push(payload);
        return { payload, requestId: 'r', statusCode: 200, executedVersion: '$LATEST' };
      },
    },
  });
  const work = { Type: 'Task', Resource: 'arn:aws:lambda:eu-west-1:111122223333:function:work', End: true };
  const { stateMachineArn } = engine.createStateMachine({
    name: 'killed',
    definition: {
      StartAt: 'Each',
      States: {
        Each: {
          Type: 'Map',
          End: true,
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'Work',
            States: { Work: work },
          },
        },
      },
    },
  });
  const input = Array.from({ length: 10 }, (_item, index) => index);
  const { executionArn } = engine.startExecution({ stateMachineArn, input });
  while (done.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  // The executions of the children close shortly after their functions return.
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.stdout.write(`${JSON.stringify({ executionArn, done: done.length })}\n`);
}

void main(process.argv[2] ?? '');
