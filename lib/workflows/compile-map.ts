import {
  DistributedMap,
  JsonPath,
  Map as InlineMap,
  StateMachineType,
  type State,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Fan, Step } from '../../src/contract/lifecycle';
import type { Compilation, Compiled } from './compilation';
import { RowRefused } from './row-refused';

type CompileSteps = (compilation: Compilation, steps: readonly Step[]) => { readonly first: State };

const ITEMS = '$.items';

/**
 * Runs the steps for each item of the last verdict and discards their results. The map has no Retry: that would repeat items
 * that have succeeded.
 */
export function compileMap(compilation: Compilation, step: Fan, compileItems: CompileSteps): Compiled {
  if (compilation.itemsOf !== null) throw new RowRefused(step, 'maps cannot be nested.');
  const map = step.mode === 'distributed' ? distributedMap(compilation, step) : inlineMap(compilation, step);
  map.itemProcessor(compileItems({ ...compilation, failure: null, itemsOf: step.mode }, step.each).first);
  return {
    start: map,
    link: (to) => {
      compilation.failure?.catchFrom(map);
      map.next(to());
    },
  };
}

/** A failed item does not stop its siblings: the map tolerates it, and the next gate decides from the ledger. */
function distributedMap({ scope, nameOf }: Compilation, step: Fan): DistributedMap {
  const name = nameOf(step);
  return new DistributedMap(scope, name, {
    itemsPath: ITEMS,
    maxConcurrencyPath: '$.concurrency',
    mapExecutionType: StateMachineType.STANDARD,
    toleratedFailurePercentage: 100,
    label: name,
    resultPath: JsonPath.DISCARD,
  });
}

/** All items run concurrently. None can fail: the compiler rejects steps that leave an error unhandled. */
const inlineMap = ({ scope, nameOf }: Compilation, step: Fan): InlineMap =>
  new InlineMap(scope, nameOf(step), { itemsPath: ITEMS, resultPath: JsonPath.DISCARD });
