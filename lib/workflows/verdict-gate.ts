import type { IChainable, INextable, RetryProps, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Condition, JsonPath, StateMachineFragment } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ERRORS } from '../../src/contract/errors';
import { HandlerTask } from './handler-task';
import type { StageProps } from './stage';
import { runPayload } from './stage';

export interface VerdictGateProps<V extends string> extends StageProps {
  readonly retry: readonly RetryProps[];
  /** Where each verdict leads. */
  readonly ways: Readonly<Record<V, IChainable>>;
  /** Errors that lead elsewhere than to the failure. @default none */
  readonly catching?: (task: HandlerTask) => void;
}

/** A function whose verdict decides the way. A verdict that is none of those expected is a failure, never a pass. */
export class VerdictGate<V extends string> extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  /** @param id also the name of the state that asks */
  constructor(scope: Construct, id: string, props: VerdictGateProps<V>) {
    super(scope, id);
    const { failure, ways } = props;
    const ask = new HandlerTask(this, id, {
      handler: props.handler,
      payload: runPayload(),
      retry: props.retry,
      resultSelector: { verdict: JsonPath.stringAt('$.Payload.verdict') },
      resultPath: '$.judgement',
    });
    const verdicts = Object.keys(ways) as V[];
    const decide = new Choice(this, `${id}Verdict`);
    for (const verdict of verdicts)
      decide.when(Condition.stringEquals('$.judgement.verdict', verdict), ways[verdict]);
    decide.otherwise(
      failure.because(this, `${id}VerdictUnknown`, {
        error: ERRORS.brokenLedger,
        cause: `${id} gave none of "${verdicts.join('", "')}"; deploy functions and machines of one version.`,
      }),
    );
    props.catching?.(ask);
    failure.catchFrom(ask).next(decide);
    this.startState = ask;
  }
}
