import { RuntimeFailure } from '../errors';
import { asNumber, textOf } from '../json';
import { resolvePath } from '../paths';
import type { StateAttempt } from '../state-type';

/** Returns the number in the field or at its `…Path`, which may be a string; undefined if neither is given. */
export function numberAt(
  { state, evaluation }: StateAttempt,
  name: string,
  type: 'integer' | 'float',
): number | undefined {
  return numberOf(state, evaluation, name, type);
}

export function numberOf(
  fields: StateAttempt['state'],
  evaluation: StateAttempt['evaluation'],
  name: string,
  type: 'integer' | 'float',
): number | undefined {
  const given = fields[name];
  const literal = asNumber(given);
  if (literal !== undefined) return literal;
  const path = fields[`${name}Path`];
  if (typeof path !== 'string') return undefined;
  const value = resolvePath(path, evaluation, `${name}Path`);
  const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : asNumber(value);
  if (number !== undefined && (type === 'float' || Number.isInteger(number))) return number;
  throw new RuntimeFailure(
    `The ${name}Path field refers to value "${textOf(value)}" which is not a valid ${type}: ${path}`,
  );
}
