import type { StateType } from '../state-type';

export const pass: StateType = {
  abortable: false,
  commonFields: {
    transition: true,
    paths: true,
    parameters: true,
    resultSelector: false,
    resultPath: true,
    errors: false,
    assign: true,
  },
  check(fields) {
    fields.read('Result');
    fields.requireExclusive(['Result', 'Parameters']);
  },
  async run({ state, payload }) {
    // `Result` may be false, null, 0 or an empty string.
    const { Result: result } = state;
    return { result: result === undefined ? payload : result };
  },
};
