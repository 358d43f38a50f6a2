import type { Evaluation } from './intrinsics';
import { evaluate } from './intrinsics';
import type { Json, JsonObject } from './json';
import { isObject, textOf } from './json';

/** Fills a payload template (Parameters, ItemSelector, ResultSelector, BatchInput): keys ending in `.$` hold a path or an intrinsic function. */
export function fill(template: JsonObject, evaluation: Evaluation): JsonObject {
  const filled: JsonObject = {};
  for (const [key, value] of Object.entries(template)) {
    if (key.endsWith('.$')) filled[key.slice(0, -2)] = evaluate(textOf(value), evaluation, key);
    else filled[key] = fillValue(value, evaluation);
  }
  return filled;
}

function fillValue(value: Json, evaluation: Evaluation): Json {
  if (Array.isArray(value)) return value.map((item) => fillValue(item, evaluation));
  return isObject(value) ? fill(value, evaluation) : value;
}
