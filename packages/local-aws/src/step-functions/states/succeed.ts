import type { StateType } from '../state-type';

export const succeed: StateType = {
  abortable: false,
  commonFields: {
    transition: false,
    paths: true,
    parameters: false,
    resultSelector: false,
    resultPath: false,
    errors: false,
    assign: false,
  },
  check() {
    // Succeed has only common fields.
  },
  async run({ input }) {
    return { result: input };
  },
};
