import { Duration } from 'aws-cdk-lib';
import { Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { Pause } from '../../src/contract/lifecycle';
import type { Compilation, Compiled } from './compilation';

export function compileWait({ scope, nameOf }: Compilation, step: Pause): Compiled {
  const time =
    step.seconds === 'verdict'
      ? WaitTime.secondsPath('$.seconds')
      : WaitTime.duration(Duration.seconds(step.seconds));
  const wait = new Wait(scope, nameOf(step), { time });
  return { start: wait, link: (to) => void wait.next(to()) };
}
