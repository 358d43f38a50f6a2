import { abbreviate, isObject, ownValue, type Json, type JsonObject } from '../json';
import { constraintViolation } from './constraint';
import { ServiceError } from './service-error';

type Kind = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'list';

/** The parameters of an operation. A trailing `!` marks a required parameter. */
export type Shape = Readonly<Record<string, Kind | `${Kind}!`>>;

const TESTS: Readonly<Record<Kind, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  object: isObject,
  list: Array.isArray,
};

/** The validated parameters of one request. */
export class Request {
  constructor(private readonly parameters: JsonObject) {}

  /** Validates the parameters. Throws ValidationException with all problems at once. */
  static read(body: Json, shape: Shape): Request {
    const given = isObject(body) ? body : {};
    const problems = isObject(body) ? [] : ['the body must be a JSON object'];
    for (const [name, declared] of Object.entries(shape)) {
      const value = given[name] ?? undefined;
      if (value === undefined) {
        if (declared.endsWith('!'))
          problems.push(`Value null at '${name}' failed to satisfy constraint: Member must not be null`);
      } else if (!TESTS[declared.replace('!', '') as Kind](value))
        problems.push(`'${name}' must be of type ${declared.replace('!', '')}`);
    }
    for (const name of Object.keys(given))
      if (!Object.hasOwn(shape, name)) problems.push(`'${name}' is not supported`);
    if (problems.length === 0) return new Request(given);
    throw new ServiceError(
      'ValidationException',
      `${problems.length} validation error(s) detected: ${problems.join('; ')}`,
    );
  }

  string(name: string): string {
    return this.optionalString(name) ?? '';
  }

  optionalString(name: string): string | undefined {
    const value = this.parameters[name];
    return typeof value === 'string' ? value : undefined;
  }

  boolean(name: string, otherwise: boolean): boolean {
    const value = this.parameters[name];
    return typeof value === 'boolean' ? value : otherwise;
  }

  number(name: string): number | undefined {
    const value = this.parameters[name];
    return typeof value === 'number' ? value : undefined;
  }

  list(name: string): Json[] {
    const value = this.parameters[name];
    return Array.isArray(value) ? value : [];
  }

  object(name: string): JsonObject | undefined {
    const value = this.parameters[name];
    return isObject(value) ? value : undefined;
  }

  /** Returns the value if it is one of `allowed`, or undefined if it is missing. */
  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.optionalString(name);
    const found = allowed.find((each) => each === value);
    if (value === undefined || found !== undefined) return found;
    throw constraintViolation(name, value, `satisfy enum value set: [${allowed.join(', ')}]`);
  }

  /** Refuses a string that is shorter than `min` or longer than `max`. */
  length(name: string, min: number, max: number): void {
    const value = this.optionalString(name);
    if (value === undefined) return;
    if (value.length > max)
      throw constraintViolation(name, value, `have length less than or equal to ${max}`);
    if (value.length < min)
      throw constraintViolation(name, value, `have length greater than or equal to ${min}`);
  }

  /** Refuses any value except the allowed ones. The parameter may be missing. */
  allowOnly(name: string, allowed: readonly Json[]): void {
    const value = this.parameters[name];
    if (value === undefined || allowed.some((each) => JSON.stringify(each) === JSON.stringify(value))) return;
    throw new ServiceError(
      'ValidationException',
      `'${name}' ${abbreviate(value)} is not supported (supported: ${allowed.map(abbreviate).join(', ')})`,
    );
  }

  /** Refuses an object with any field except those in `allowed`, with these values. Each may be missing. */
  allowOnlyFields(name: string, allowed: JsonObject): void {
    const given = Object.entries(this.object(name) ?? {}).filter(([, value]) => value !== null);
    const same = (field: string, value: Json): boolean =>
      JSON.stringify(ownValue(allowed, field)) === JSON.stringify(value);
    const wrong = given.filter(([field, value]) => !same(field, value));
    if (wrong.length === 0) return;
    throw new ServiceError(
      'ValidationException',
      `'${name}' ${abbreviate(Object.fromEntries(wrong))} is not supported (supported: ${abbreviate(allowed)})`,
    );
  }

  lengthMax(name: string, charactersMax: number): void {
    const { length } = this.string(name);
    if (length <= charactersMax) return;
    throw new ServiceError(
      'ValidationException',
      `'${name}' has ${length} characters; the limit is ${charactersMax}`,
    );
  }
}
