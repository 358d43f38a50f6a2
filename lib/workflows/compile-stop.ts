import { Duration } from 'aws-cdk-lib';
import { Choice, Condition, Errors, JitterType, JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Stop } from '../../src/contract/lifecycle';
import { STOP_RETRIES_MAX } from '../../src/contract/lifecycle/events';
import { NEEDED_SUFFIX } from '../../src/contract/lifecycle/state-names';
import { executionsArn } from '../grants';
import type { Compilation, Compiled } from './compilation';

/** Path to the ARN of the execution to stop, or to null. */
const OWNING_EXECUTION = '$.owningExecution';

/** The execution's workers are already fenced, so a failed stop (the execution has ended, or the call is throttled) is ignored. */
export function compileStop({ scope, nameOf, parts }: Compilation, step: Stop): Compiled {
  const name = nameOf(step);
  const stop = new CallAwsService(scope, name, {
    service: 'sfn',
    action: 'stopExecution',
    parameters: {
      ExecutionArn: JsonPath.stringAt(OWNING_EXECUTION),
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
      needed
        .when(
          Condition.and(Condition.isPresent(OWNING_EXECUTION), Condition.isString(OWNING_EXECUTION)),
          stop,
        )
        .otherwise(to());
      stop.addCatch(to(), { resultPath: JsonPath.DISCARD });
      stop.next(to());
    },
  };
}
