import type { Evaluation } from './intrinsics';
import { evaluate } from './intrinsics';
import type { Json, JsonObject } from './json';
import { isObject, textOf } from './json';

/** Fills a payload template (Parameters, ItemSelector, ResultSelector, BatchInput): keys ending in `.$` hold a path or an intrinsic function. */
export function fillTemplate(template: JsonObject, evaluation: Evaluation): JsonObject {
  const filled = Object.entries(template).map(([key, value]): [string, Json] =>
    key.endsWith('.$')
      ? [key.slice(0, -2), evaluate(textOf(value), evaluation, key)]
      : [key, fillValue(value, evaluation)],
  );
  // Not by assignment, which would take `__proto__` for something else than data.
  return Object.fromEntries(filled);
}

function fillValue(value: Json, evaluation: Evaluation): Json {
  if (Array.isArray(value)) return value.map((item) => fillValue(item, evaluation));
  return isObject(value) ? fillTemplate(value, evaluation) : value;
}
