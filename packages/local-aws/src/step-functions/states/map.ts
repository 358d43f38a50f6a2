import { RuntimeFailure } from '../errors';
import type { Fields } from '../fields';
import { isObject, type Json, toText } from '../json';
import { LIMITS } from '../limits';
import type { StateType, StateAttempt } from '../state-type';
import { fillTemplate } from '../templates';
import { checkDistributed, runDistributed } from './map-distributed';
import { runInline } from './map-inline';
import { numberAt } from './number-fields';
import { resolvePath } from '../paths';

export const map: StateType = {
  abortable: true,
  commonFields: {
    transition: true,
    paths: true,
    parameters: false,
    resultSelector: true,
    resultPath: true,
    errors: true,
    assign: true,
  },
  check(fields, { checkStates }) {
    fields.path('ItemsPath', { reference: true });
    fields.template('ItemSelector', { mapItem: true });
    fields.number('MaxConcurrency', 0, Number.MAX_SAFE_INTEGER);
    fields.path('MaxConcurrencyPath', { reference: true });
    fields.requireExclusive(['MaxConcurrency', 'MaxConcurrencyPath']);
    fields.requireField('ItemProcessor');
    const processor = fields.inner('ItemProcessor');
    if (!processor) return;
    processor.string('Comment');
    const distributed = checkProcessorConfig(processor);
    if (distributed) checkDistributed(fields);
    checkStates(processor, distributed);
    processor.rejectUnknownFields();
  },
  async run(attempt) {
    const items = itemsOf(attempt);
    const { thread, state, evaluation } = attempt;
    const maxConcurrency = numberAt(attempt, 'MaxConcurrency', 'integer') ?? 0;
    if (maxConcurrency < 0) throw new RuntimeFailure('MaxConcurrency cannot be negative.');
    if (!isRedriven(attempt)) {
      thread.previousEventId = thread.execution.add('MapStateStarted', thread.previousEventId, [
        'mapStateStartedEventDetails',
        { length: items.length },
      ]);
    }
    const { ItemSelector: selector } = state;
    const inputs = items.map((value, index): Json => {
      if (!isObject(selector)) return value;
      const context = {
        ...evaluation.context,
        Map: { Item: { Index: index, Value: value, Source: 'STATE_DATA' } },
      };
      return fillTemplate(selector, { ...evaluation, context });
    });
    return isDistributed(state['ItemProcessor'])
      ? runDistributed(attempt, inputs, maxConcurrency)
      : runInline(attempt, inputs, Math.min(maxConcurrency || Infinity, LIMITS.inlineConcurrencyMax));
  },
};

/** Returns whether this attempt continues work from before a redrive. */
const isRedriven = ({ thread: { progress } }: StateAttempt): boolean =>
  progress.branches.length > 0 || progress.mapRun !== undefined;

/** Validates ProcessorConfig. Returns whether the Map is distributed. */
function checkProcessorConfig(processor: Fields): boolean {
  const config = processor.inner('ProcessorConfig');
  if (!config) return false;
  const distributed = config.object['Mode'] === 'DISTRIBUTED';
  config.oneOf('Mode', ['INLINE', 'DISTRIBUTED']);
  if (distributed) {
    config.requireField('ExecutionType');
    config.oneOf('ExecutionType', ['STANDARD']);
  }
  config.rejectUnknownFields();
  return distributed;
}

const isDistributed = (processor: Json | undefined): boolean =>
  isObject(processor) &&
  isObject(processor['ProcessorConfig']) &&
  processor['ProcessorConfig']['Mode'] === 'DISTRIBUTED';

function itemsOf({ state, input, evaluation }: StateAttempt): Json[] {
  const { ItemsPath: path } = state;
  const items = typeof path === 'string' ? resolvePath(path, evaluation, 'ItemsPath') : input;
  if (Array.isArray(items)) return items;
  throw new RuntimeFailure(`Map state input must be an array but was: ${toText(items).slice(0, 200)}`);
}
