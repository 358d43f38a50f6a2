import type { IChainable, IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import {
  Choice,
  Condition,
  JsonPath,
  Map as InlineMap,
  Pass,
  Result,
  Succeed,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { SluiceFunction } from '../constructs/sluice-function';
import { HandlerTask } from './handler-task';
import { InputCheck, isGivenText } from './input-check';
import { APPLIER_RETRY, SYNC_RETRY } from './retry';
import { startSync } from './start-sync';

export interface SyncProps {
  readonly nextSync: SluiceFunction;
  readonly applyChanges: SluiceFunction;
  /** The machine itself, which goes on as a new execution of its own. */
  readonly self: IStateMachine;
}

/**
 * Rounds of one execution. A round in which everything is tried as often as it may be adds to the history, of which Step
 * Functions takes 25,000 events: 1,265 for `NextSync` and its 420 retries, 6 for the choices and the count, 4 for the map, and for each
 * of at most 16 appliers 261 (84 retries among them): 5,451. Before, between and after the rounds: 8, and 1,090 for a renewal that is
 * tried 360 times. Four rounds make 22,902 at worst, and some 250 as a rule; they last about an hour.
 */
export const SYNC_ROUNDS_MAX = 4;

const RENEW_RETRIES_MAX = 360;
/** After an applier that failed for good, or when there is nothing to hand out: no round ends at once. */
const PAUSE = Duration.seconds(10);
const COUNT = '$.rounds.count';

/**
 * Keeps the target in sync, round by round, until the ledger says that it is over; then renews itself as an execution with
 * an empty history. An applier that fails ends nothing: the next round, and the gates of `Migration`, judge by the ledger. Nothing
 * records a failure of the round itself, whose absence the gates see.
 */
export function sync(scope: Construct, props: SyncProps): IChainable {
  const next = nextSync(scope, props.nextSync);
  const count = new Pass(scope, 'NextRound', {
    parameters: { count: JsonPath.mathAdd(JsonPath.numberAt(COUNT), 1) },
    resultPath: '$.rounds',
  });
  const renew = startSync(scope, 'Renew', {
    syncMachine: props.self,
    replacesPath: '$$.Execution.Id',
    retriesMax: RENEW_RETRIES_MAX,
  }).next(new Succeed(scope, 'Renewed'));
  const nothing = new Wait(scope, 'NothingToApply', { time: WaitTime.duration(PAUSE) }).next(count);

  count.next(
    new Choice(scope, 'RoundsLeft')
      .when(Condition.numberGreaterThan(COUNT, SYNC_ROUNDS_MAX), renew)
      .otherwise(next),
  );
  next.next(
    new Choice(scope, 'SyncOver')
      .when(Condition.booleanEquals('$.sync.over', true), new Succeed(scope, 'Over'))
      .when(Condition.isPresent('$.sync.items[0]'), apply(scope, props.applyChanges).next(count))
      .otherwise(nothing),
  );
  const start = new Pass(scope, 'NoRounds', {
    result: Result.fromObject({ count: 0 }),
    resultPath: '$.rounds',
  });
  return new InputCheck(scope, 'Input', {
    alsoNeeds: Condition.and(
      Condition.isPresent('$.generation'),
      isGivenText('$.direction'),
      Condition.isPresent('$.replaces'),
    ),
    remedy: 'Migration starts this machine; do not start it by hand.',
    next: start.next(count),
  });
}

const nextSync = (scope: Construct, handler: SluiceFunction): HandlerTask =>
  new HandlerTask(scope, 'NextSync', {
    handler,
    payload: {
      migration: JsonPath.stringAt('$.migration'),
      generation: JsonPath.numberAt('$.generation'),
      direction: JsonPath.stringAt('$.direction'),
      execution: JsonPath.executionId,
      replaces: JsonPath.stringAt('$.replaces'),
    },
    retry: SYNC_RETRY,
    resultSelector: {
      items: JsonPath.objectAt('$.Payload.items'),
      over: JsonPath.stringAt('$.Payload.over'),
    },
    resultPath: '$.sync',
  });

/** All appliers at once. One that fails for good waits a little in its place, and leaves its siblings alone. */
function apply(scope: Construct, handler: SluiceFunction): InlineMap {
  const changes = new HandlerTask(scope, 'ApplyChanges', {
    handler,
    payload: {
      migration: JsonPath.stringAt('$.migration'),
      generation: JsonPath.numberAt('$.generation'),
      direction: JsonPath.stringAt('$.direction'),
      execution: JsonPath.stringAt('$.execution'),
      applier: JsonPath.numberAt('$.applier'),
      appliers: JsonPath.numberAt('$.appliers'),
    },
    retry: APPLIER_RETRY,
    resultPath: JsonPath.DISCARD,
  });
  changes.addCatch(new Wait(scope, 'ApplierFailed', { time: WaitTime.duration(PAUSE) }), {
    resultPath: JsonPath.DISCARD,
  });
  const map = new InlineMap(scope, 'Apply', { itemsPath: '$.sync.items', resultPath: JsonPath.DISCARD });
  map.itemProcessor(changes);
  return map;
}
