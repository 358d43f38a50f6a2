import { abbreviate, isObject, type Json } from './json';
import { LIMITS } from './limits';
import { ServiceError } from './service/service-error';

const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The tags of one resource. */
export class Tags {
  private readonly values = new Map<string, string>();

  /** Throws ValidationException or TooManyTags, and then changes nothing. */
  add(list: readonly Json[]): void {
    const wanted = list.map(pairOf);
    const keys = new Set([...this.values.keys(), ...wanted.map(([key]) => key)]);
    if (keys.size > LIMITS.tagsMax) {
      throw new ServiceError('TooManyTags', `${keys.size} tags; a resource has at most ${LIMITS.tagsMax}`);
    }
    for (const [key, value] of wanted) this.values.set(key, value);
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
    `The tag ${abbreviate(tag)} needs a key of 1 to 128 and a value of up to 256 letters, digits, spaces or _ . : / = + - @, and no prefix aws:`,
  );
}
