import type { Evaluation } from './intrinsics';
import { evaluate } from './intrinsics';
import type { Json, JsonObject } from './json';
import { isObject, textOf } from './json';

/** Evaluates a payload template. Keys that end in `.$` hold a path or an intrinsic function. */
export function fillTemplate(template: JsonObject, evaluation: Evaluation): JsonObject {
  const filled = Object.entries(template).map(([key, value]): [string, Json] =>
    key.endsWith('.$')
      ? [key.slice(0, -2), evaluate(textOf(value), evaluation, key)]
      : [key, fillValue(value, evaluation)],
  );
  // An assignment to the key `__proto__` would set the prototype; fromEntries creates a property.
  return Object.fromEntries(filled);
}

function fillValue(value: Json, evaluation: Evaluation): Json {
  if (Array.isArray(value)) return value.map((item) => fillValue(item, evaluation));
  return isObject(value) ? fillTemplate(value, evaluation) : value;
}
