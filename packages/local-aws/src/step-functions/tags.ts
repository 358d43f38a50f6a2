import { abbreviate, isObject, type Json } from './json';
import { LIMITS } from './limits';
import { ServiceError } from './service/service-error';

const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The tags of one resource. */
export class Tags {
  private readonly values = new Map<string, string>();

  /** Adds all tags, or none if it throws ValidationException or TooManyTags. */
  add(list: readonly Json[]): void {
    const pairs = list.map(pairOf);
    const keys = new Set([...this.values.keys(), ...pairs.map(([key]) => key)]);
    if (keys.size > LIMITS.tagsMax) {
      throw new ServiceError(
        'TooManyTags',
        `The resource would have ${keys.size} tags; the limit is ${LIMITS.tagsMax}`,
      );
    }
    for (const [key, value] of pairs) this.values.set(key, value);
  }

  remove(keys: readonly Json[]): void {
    for (const key of keys) if (typeof key === 'string') this.values.delete(key);
  }

  list(): { key: string; value: string }[] {
    return [...this.values].map(([key, value]) => ({ key, value }));
  }
}

function pairOf(tag: Json): [string, string] {
  const { key = null, value = '' } = isObject(tag) ? tag : {};
  const fits = (text: Json, lengthMin: number, lengthMax: number): text is string =>
    typeof text === 'string' && text.length >= lengthMin && text.length <= lengthMax && ALLOWED.test(text);
  if (fits(key, 1, 128) && fits(value, 0, 256) && !/^aws:/i.test(key)) return [key, value];
  throw new ServiceError(
    'ValidationException',
    `Invalid tag: ${abbreviate(tag)}. The key must have 1 to 128 and the value up to 256 letters, digits, spaces or _ . : / = + - @, and the key must not start with aws:`,
  );
}
