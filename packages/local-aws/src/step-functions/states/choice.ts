import { checkRule, evaluateRule } from '../choice-rules';
import { RuntimeFailure } from '../errors';
import { isObject } from '../json';
import type { StateType } from '../state-type';

export const choice: StateType = {
  abortable: false,
  commonFields: {
    transition: false,
    paths: true,
    parameters: false,
    resultSelector: false,
    resultPath: false,
    errors: false,
    assign: true,
  },
  check(fields) {
    fields.requireField('Choices');
    fields.list('Choices').forEach((rule) => checkRule(rule, true));
    fields.string('Default');
  },
  async run({ state, input, evaluation }) {
    const { Choices: rules, Default: otherwise } = state;
    const rule = Array.isArray(rules)
      ? rules.filter(isObject).find((each) => evaluateRule(each, evaluation))
      : undefined;
    const next = rule?.['Next'] ?? otherwise;
    if (typeof next !== 'string') {
      throw new RuntimeFailure(
        'Failed to transition out of the state. The state does not point to a next state.',
      );
    }
    // A matching rule uses its own Assign; the Assign of the state belongs to Default.
    return { result: input, next, ...(rule ? { assign: rule['Assign'] ?? {} } : {}) };
  },
};
