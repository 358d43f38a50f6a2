/** Checks a request's body, and reports everything that is missing, unknown or of the wrong type with its place. */
export interface Shape<T> {
  check(value: unknown, place: string, problems: string[]): void;
  /** Never set; carries the type. */
  readonly type?: T;
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type TypeOf<S> = S extends Shape<infer T> ? T : never;
type Structure<R extends Fields, O extends Fields> = { readonly [K in keyof R]: TypeOf<R[K]> } & {
  readonly [K in keyof O]?: TypeOf<O[K]> | undefined;
};

function scalar<T>(expected: string, test: (value: unknown) => boolean): Shape<T> {
  return {
    check(value, place, problems) {
      if (!test(value)) problems.push(`${place} must be ${expected}, not ${JSON.stringify(value)}`);
    },
  };
}

export const text = scalar<string>('a string', (value) => typeof value === 'string');
export const number = scalar<number>('a number', (value) => typeof value === 'number');
export const integer = scalar<number>('an integer', (value) => Number.isInteger(value));
export const flag = scalar<boolean>('true or false', (value) => typeof value === 'boolean');

/** A string with a minimum and a maximum length. */
export function textOf(lengthMin: number, lengthMax: number): Shape<string> {
  return {
    check(value, place, problems) {
      if (typeof value !== 'string') return text.check(value, place, problems);
      if (value.length < lengthMin || value.length > lengthMax)
        problems.push(
          `${place} has ${value.length} characters; the limit is ${lengthMin} to ${lengthMax}: ${JSON.stringify(value.slice(0, 40))}`,
        );
    },
  };
}

export function oneOf<T extends string>(...values: readonly T[]): Shape<T> {
  return scalar<T>(`one of ${values.join(', ')}`, (value) => values.includes(value as T));
}

export function list<T>(item: Shape<T>, itemsMax = Infinity): Shape<readonly T[]> {
  return {
    check(value, place, problems) {
      if (!Array.isArray(value)) return void problems.push(`${place} must be a list`);
      if (value.length > itemsMax)
        problems.push(`${place} has ${value.length} items; the limit is ${itemsMax}`);
      value.forEach((entry, index) => item.check(entry, `${place}[${index}]`, problems));
    },
  };
}

export function structure<R extends Fields, O extends Fields>(
  required: R,
  optional: O,
): Shape<Structure<R, O>> {
  const known: Fields = { ...required, ...optional };
  return {
    check(value, place, problems) {
      if (!isRecord(value)) return void problems.push(`${place || 'the body'} must be an object`);
      const within = (name: string): string => (place === '' ? name : `${place}.${name}`);
      for (const [name, shape] of Object.entries(known)) {
        // AWS's protocols treat null as an absent member.
        const member = value[name] ?? undefined;
        if (member !== undefined) shape.check(member, within(name), problems);
        else if (Object.hasOwn(required, name)) problems.push(`${within(name)} is missing`);
      }
      for (const name of Object.keys(value)) {
        if (!Object.hasOwn(known, name)) problems.push(`${within(name)} is not supported`);
      }
    },
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
