import { actionMatches, resourceMatches } from './patterns';
import type { Condition, Trust } from './policy';

/** What a condition may ask about a request; a key that is not there fits nothing. */
export type Context = Readonly<Partial<Record<Condition['key'], string>>>;

export function holds({ operator, key, values }: Condition, context: Context): boolean {
  const given = context[key];
  if (given === undefined) return false;
  return values.some((value) => (operator === 'ArnLike' ? resourceMatches(value, given) : value === given));
}

/** Whether a service may take on a role; a Deny that fits rules. */
export function mayAssume(trusts: readonly Trust[], service: string, context: Context): boolean {
  const fitting = trusts.filter(
    ({ services, actions, conditions }) =>
      services.includes(service) &&
      actions.some((action) => actionMatches(action, 'sts:AssumeRole')) &&
      conditions.every((condition) => holds(condition, context)),
  );
  return fitting.some(({ effect }) => effect === 'Allow') && !fitting.some(({ effect }) => effect === 'Deny');
}
