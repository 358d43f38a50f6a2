import { RuntimeFailure } from '../errors';
import { brief } from '../json';
import { resolve } from '../paths';
import type { Visit } from '../state-kind';

/** A number given in the field or found by its `…Path`; `undefined` if neither is there. */
export function numberAt(
  { state, evaluation }: Visit,
  name: string,
  type: 'integer' | 'float',
): number | undefined {
  return numberOf(state, evaluation, name, type);
}

export function numberOf(
  fields: Visit['state'],
  evaluation: Visit['evaluation'],
  name: string,
  type: 'integer' | 'float',
): number | undefined {
  const given = fields[name];
  if (typeof given === 'number') return given;
  const path = fields[`${name}Path`];
  if (typeof path !== 'string') return undefined;
  const value = resolve(path, evaluation, `${name}Path`);
  if (typeof value === 'number' && (type === 'float' || Number.isInteger(value))) return value;
  throw new RuntimeFailure(
    `The ${name}Path field refers to value ${brief(value)} which is not a valid ${type}: ${path}`,
  );
}
