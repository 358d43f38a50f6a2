/** Shapes of template properties. CloudFormation also accepts a number or a Boolean as a string. */
import { isRecord, list, structure, text, type Shape } from '../aws-json';

/** Accepts any value: its content is checked where it is used, or has no effect here. */
export const anything: Shape<unknown> = { check: () => undefined };

/** Refuses any value. @param remedy an imperative, e.g. `leave it out` */
export const refused = (remedy: string): Shape<never> => ({
  check(value, place, problems) {
    problems.push(`${place} (${JSON.stringify(value)}) has no local counterpart: ${remedy}`);
  },
});

type Fields = Parameters<typeof structure>[0];

/** A structure that refuses unknown members and quotes their values. */
export function closed<R extends Fields, O extends Fields>(
  required: R,
  optional: O,
): ReturnType<typeof structure<R, O>> {
  const known = { ...required, ...optional };
  const members = structure(required, optional);
  return {
    check(value, place, problems) {
      if (!isRecord(value)) return members.check(value, place, problems);
      const entries = Object.entries(value);
      const knownEntries = entries.filter(([name]) => Object.hasOwn(known, name));
      members.check(Object.fromEntries(knownEntries), place, problems);
      for (const [name, member] of entries.filter(([each]) => !Object.hasOwn(known, each)))
        refused('leave it out').check(member, place === '' ? name : `${place}.${name}`, problems);
    },
  };
}

function scalar<T>(expected: string, test: (value: unknown) => boolean): Shape<T> {
  return {
    check(value, place, problems) {
      if (!test(value)) problems.push(`${place} must be ${expected}, not ${JSON.stringify(value)}`);
    },
  };
}

export function whole(min = 0, max = Infinity): Shape<number | string> {
  const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
  return scalar(`a whole number ${range}`, (value) => {
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    return Number.isInteger(number) && (number as number) >= min && (number as number) <= max;
  });
}

export const flag = scalar<boolean | string>('true or false', (value) =>
  [true, false, 'true', 'false'].includes(value as boolean | string),
);

export const isLiteral = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);
/** A value that CloudFormation converts to a string. */
export const literal = scalar<string | number | boolean>('a string, a number or a Boolean', isLiteral);

/** @param expected describes the pattern in the error, e.g. `an account of 12 digits` */
export const matching = (pattern: RegExp, expected: string): Shape<string> =>
  scalar(expected, (value) => typeof value === 'string' && pattern.test(value));

/** A map from any names to literals. */
export const literals: Shape<Readonly<Record<string, string | number | boolean>>> = {
  check(value, place, problems) {
    if (!isRecord(value)) return void problems.push(`${place} must be an object`);
    for (const [name, entry] of Object.entries(value)) literal.check(entry, `${place}.${name}`, problems);
  },
};

/** A list of exactly one item. @param why the reason, for the error */
export const single = <T>(item: Shape<T>, why: string): Shape<readonly T[]> => ({
  check(value, place, problems) {
    list(item).check(value, place, problems);
    if (Array.isArray(value) && value.length !== 1)
      problems.push(`${place} must have one item, not ${value.length}: ${why}`);
  },
});

export const object = scalar<Readonly<Record<string, unknown>>>('an object', isRecord);
export const TAGS = list(closed({ Key: text, Value: text }, {}));

/** @throws Error with every property that is missing, wrong or unknown */
export function read<T>(shape: Shape<T>, properties: unknown): T {
  const problems: string[] = [];
  shape.check(properties, '', problems);
  if (problems.length > 0) throw new Error(problems.join('; '));
  return properties as T;
}
