import { actionMatches, resourceMatches } from './patterns';
import type { Condition, Trust } from './policy';

/** Condition keys of a request with their values. An absent key matches no condition. */
export type Context = Readonly<Partial<Record<Condition['key'], string>>>;

export function conditionHolds({ operator, key, values }: Condition, context: Context): boolean {
  const given = context[key];
  if (given === undefined) return false;
  return values.some((value) => (operator === 'ArnLike' ? resourceMatches(value, given) : value === given));
}

/** Whether a trust policy lets a service assume the role. A matching Deny overrides any Allow. */
export function mayAssume(trusts: readonly Trust[], service: string, context: Context): boolean {
  const matching = trusts.filter(
    ({ services, actions, conditions }) =>
      services.includes(service) &&
      actions.some((action) => actionMatches(action, 'sts:AssumeRole')) &&
      conditions.every((condition) => conditionHolds(condition, context)),
  );
  return (
    matching.some(({ effect }) => effect === 'Allow') && !matching.some(({ effect }) => effect === 'Deny')
  );
}
