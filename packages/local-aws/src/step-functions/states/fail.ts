import { RuntimeFailure, StateFailure } from '../errors';
import { evaluate } from '../intrinsics';
import { brief } from '../json';
import type { StateKind, Visit } from '../state-kind';

export const fail: StateKind = {
  traits: {
    transition: false,
    paths: false,
    parameters: false,
    resultSelector: false,
    resultPath: false,
    errors: false,
    assign: false,
  },
  check(fields) {
    fields.text('Error');
    fields.text('Cause');
    fields.path('ErrorPath', { intrinsic: true, reference: true });
    fields.path('CausePath', { intrinsic: true, reference: true });
    fields.exclusive(['Error', 'ErrorPath']);
    fields.exclusive(['Cause', 'CausePath']);
  },
  async run(visit) {
    throw new StateFailure(textOf(visit, 'Error'), textOf(visit, 'Cause'));
  },
};

function textOf({ state, evaluation }: Visit, name: 'Error' | 'Cause'): string | undefined {
  const path = state[`${name}Path`];
  const value = typeof path === 'string' ? evaluate(path, evaluation, `${name}Path`) : state[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new RuntimeFailure(`The ${name}Path field refers to a value that is not a string: ${brief(value)}`);
}
