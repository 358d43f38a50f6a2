import { Duration } from 'aws-cdk-lib';
import { Choice, Condition, Errors, JitterType, JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Stop } from '../../src/contract/lifecycle';
import { STOP_RETRIES_MAX } from '../../src/contract/lifecycle/events';
import { NEEDED_SUFFIX } from '../../src/contract/lifecycle/state-names';
import { executionsArn } from '../grants';
import type { Compilation, Compiled } from './compilation';

/** The execution to be stopped, as a text, or null. */
const OWNER = '$.owner';

/** The workers of the execution are fenced already, so a stop that fails (it has ended, or is throttled) holds nothing up. */
export function compileStop({ scope, nameOf, parts }: Compilation, step: Stop): Compiled {
  const name = nameOf(step);
  const stop = new CallAwsService(scope, name, {
    service: 'sfn',
    action: 'stopExecution',
    parameters: {
      ExecutionArn: JsonPath.stringAt(OWNER),
      Error: 'Aborted',
      Cause: JsonPath.stringAt('$.reason'),
    },
    iamAction: 'states:StopExecution',
    iamResources: [executionsArn(scope, parts.environmentName, step.machine)],
    resultPath: JsonPath.DISCARD,
  });
  stop.addRetry({ errors: ['Sfn.ExecutionDoesNotExistException'], maxAttempts: 0 });
  stop.addRetry({
    errors: [Errors.TASKS_FAILED],
    interval: Duration.seconds(1),
    maxAttempts: STOP_RETRIES_MAX,
    maxDelay: Duration.seconds(2),
    jitterStrategy: JitterType.FULL,
  });
  const needed = new Choice(scope, `${name}${NEEDED_SUFFIX}`);
  return {
    start: needed,
    link: (to) => {
      needed.when(Condition.and(Condition.isPresent(OWNER), Condition.isString(OWNER)), stop).otherwise(to());
      stop.addCatch(to(), { resultPath: JsonPath.DISCARD });
      stop.next(to());
    },
  };
}
