import type { IChainable, INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import {
  Choice,
  Condition,
  DistributedMap,
  JsonPath,
  StateMachineFragment,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Purpose } from '../../src/contract/payloads';
import type { SluiceFunction } from '../constructs/sluice-function';
import type { Failure } from './failure';
import { HandlerTask } from './handler-task';
import { STAGE_RETRY } from './retry';
import { runPayload } from './stage';

export interface WaveLoopProps {
  readonly purpose: Purpose;
  readonly nextWave: SluiceFunction;
  /** What becomes of one `ChunkItem`; its output must be tiny. */
  readonly item: IChainable;
  /** Begins the names of its states, which a machine may have once. */
  readonly prefix: string;
  readonly failure: Failure;
}

/**
 * Takes chunks wave by wave until the ledger has none left for the purpose.
 * A chunk that fails for good does not stop its siblings: the map tolerates it, and the next call of `nextWave` judges by the ledger.
 * The map has no Retry, which would run the chunks that succeeded once more.
 */
export class WaveLoop extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];
  private readonly emptyChoice: Choice;

  constructor(scope: Construct, id: string, props: WaveLoopProps) {
    super(scope, id);
    const title = `${props.prefix}${props.purpose === 'copy' ? 'Copy' : 'Verify'}`;
    const next = new HandlerTask(this, `Next${title}Wave`, {
      handler: props.nextWave,
      payload: { ...runPayload(), purpose: props.purpose },
      retry: STAGE_RETRY,
      resultSelector: {
        items: JsonPath.objectAt('$.Payload.items'),
        concurrency: JsonPath.numberAt('$.Payload.concurrency'),
        empty: JsonPath.stringAt('$.Payload.empty'),
      },
      resultPath: '$.wave',
    });
    const map = new DistributedMap(this, title, {
      itemsPath: '$.wave.items',
      maxConcurrencyPath: '$.wave.concurrency',
      mapExecutionType: StateMachineType.STANDARD,
      toleratedFailurePercentage: 100,
      label: title,
      resultPath: JsonPath.DISCARD,
    });
    map.itemProcessor(props.item);
    this.emptyChoice = new Choice(this, `${title}WaveEmpty`).otherwise(map);
    props.failure.catchFrom(next).next(this.emptyChoice);
    props.failure.catchFrom(map).next(next);
    this.startState = next;
  }

  /** Says where an empty wave leads; apart from the constructor, because the way may come back here. */
  whenEmpty(next: IChainable): this {
    this.emptyChoice.when(Condition.booleanEquals('$.wave.empty', true), next);
    return this;
  }
}
