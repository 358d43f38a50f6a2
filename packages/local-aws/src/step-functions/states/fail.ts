import { RuntimeFailure, StateFailure } from '../errors';
import { evaluate } from '../intrinsics';
import { abbreviate } from '../json';
import type { StateType, StateAttempt } from '../state-type';

export const fail: StateType = {
  abortable: false,
  commonFields: {
    transition: false,
    paths: false,
    parameters: false,
    resultSelector: false,
    resultPath: false,
    errors: false,
    assign: false,
  },
  check(fields) {
    fields.string('Error');
    fields.string('Cause');
    fields.path('ErrorPath', { intrinsic: true, reference: true });
    fields.path('CausePath', { intrinsic: true, reference: true });
    fields.requireExclusive(['Error', 'ErrorPath']);
    fields.requireExclusive(['Cause', 'CausePath']);
  },
  async run(attempt) {
    throw new StateFailure(textOf(attempt, 'Error'), textOf(attempt, 'Cause'));
  },
};

function textOf({ state, evaluation }: StateAttempt, name: 'Error' | 'Cause'): string | undefined {
  const path = state[`${name}Path`];
  const value = typeof path === 'string' ? evaluate(path, evaluation, `${name}Path`) : state[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new RuntimeFailure(
    `The ${name}Path field refers to a value that is not a string: ${abbreviate(value)}`,
  );
}
