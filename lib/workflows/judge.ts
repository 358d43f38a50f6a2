import type { IChainable, INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import {
  Choice,
  Condition,
  JsonPath,
  Pass,
  Result,
  StateMachineFragment,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ERRORS } from '../../src/contract/errors';
import { HandlerTask } from './handler-task';
import { STAGE_RETRY } from './retry';
import type { StageProps } from './stage';
import { runPayload } from './stage';

export interface JudgeProps extends StageProps {
  /** Where a clean verdict leads. */
  readonly whenClean: IChainable;
  /** Where reopened chunks lead. */
  readonly whenRecopy: IChainable;
}

/** The gate before the cutover. A verdict that is neither of the two is a failure, never a pass. */
export class Judge extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  constructor(scope: Construct, id: string, props: JudgeProps) {
    super(scope, id);
    const judge = new HandlerTask(this, 'Judge', {
      handler: props.handler,
      payload: runPayload(),
      retry: STAGE_RETRY,
      resultSelector: { verdict: JsonPath.stringAt('$.Payload.verdict') },
      resultPath: '$.judgement',
    });
    const unknown = new Pass(this, 'VerdictUnknown', {
      result: Result.fromObject({
        Error: ERRORS.brokenLedger,
        Cause: 'Judge gave neither "clean" nor "recopy"; deploy functions and machines of one version.',
      }),
    });
    const verdict = (value: 'clean' | 'recopy') => Condition.stringEquals('$.judgement.verdict', value);
    props.failure
      .catchFrom(judge)
      .next(
        new Choice(this, 'Verdict')
          .when(verdict('clean'), props.whenClean)
          .when(verdict('recopy'), props.whenRecopy)
          .otherwise(unknown.next(props.failure)),
      );
    this.startState = judge;
  }
}
