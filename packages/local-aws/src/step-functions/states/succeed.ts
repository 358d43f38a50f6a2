import type { StateKind } from '../state-kind';

export const succeed: StateKind = {
  traits: {
    transition: false,
    paths: true,
    parameters: false,
    resultSelector: false,
    resultPath: false,
    errors: false,
    assign: false,
  },
  check() {
    // It has only common fields.
  },
  async run({ input }) {
    return { result: input };
  },
};
