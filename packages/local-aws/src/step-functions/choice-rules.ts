import { RuntimeFailure } from './errors';
import type { Fields } from './fields';
import type { Json, JsonObject } from './json';
import { brief, isObject, own, textOf } from './json';
import type { Roots } from './paths';
import { lookUp, parsePath } from './paths';
import { timestampMs } from './timestamps';

type Order = (left: number | string, right: number | string) => boolean;

const ORDERS: Readonly<Record<string, Order>> = {
  Equals: (left, right) => left === right,
  LessThan: (left, right) => left < right,
  GreaterThan: (left, right) => left > right,
  LessThanEquals: (left, right) => left <= right,
  GreaterThanEquals: (left, right) => left >= right,
};

/** Turns a value into what is compared, or `undefined` if it is not of the operator's type. */
const TYPES: Readonly<Record<string, (value: Json) => number | string | undefined>> = {
  String: (value) => (typeof value === 'string' ? value : undefined),
  Numeric: (value) => (typeof value === 'number' ? value : undefined),
  Timestamp: (value) => timestampMs(value),
};

const TESTS: Readonly<Record<string, (value: Json) => boolean>> = {
  IsNull: (value) => value === null,
  IsNumeric: (value) => typeof value === 'number',
  IsString: (value) => typeof value === 'string',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => timestampMs(value) !== undefined,
};

const COMPARISON =
  /^(String|Numeric|Timestamp)(LessThanEquals|GreaterThanEquals|LessThan|GreaterThan|Equals)(Path)?$/;
const COMPOSITES = ['And', 'Or', 'Not'];
const SURROUNDING = ['Next', 'Comment', 'Variable', 'Assign'];

/** Checks one rule. Only the outermost has `Next`. */
export function checkRule(fields: Fields, outermost: boolean): void {
  fields.text('Comment');
  if (outermost) {
    fields.required('Next');
    fields.text('Next');
    fields.assign();
  }
  const operators = Object.keys(fields.object).filter((key) => !SURROUNDING.includes(key));
  const [operator] = operators;
  if (operator === undefined || operators.length > 1) {
    fields.problem(`needs exactly one comparison, has ${operators.length} (${operators.join(', ')})`);
    operators.forEach((name) => fields.take(name));
    fields.take('Variable');
  } else if (COMPOSITES.includes(operator)) {
    const inner =
      operator === 'Not'
        ? [fields.inner('Not')].filter((found) => found !== undefined)
        : fields.list(operator);
    inner.forEach((rule) => checkRule(rule, false));
  } else {
    fields.required('Variable');
    fields.path('Variable', { reference: true });
    checkComparison(fields, operator);
  }
  fields.finish();
}

function checkComparison(fields: Fields, operator: string): void {
  const match = COMPARISON.exec(operator);
  if (match?.[3] || operator === 'BooleanEqualsPath') return fields.path(operator, { reference: true });
  const known = match !== null || operator === 'BooleanEquals' || operator === 'StringMatches';
  if (!known && operator !== 'IsPresent' && !own(TESTS, operator)) return;
  const value = fields.take(operator);
  const type = match?.[1];
  const valid = type
    ? TYPES[type]?.(value ?? null) !== undefined
    : typeof value === (operator === 'StringMatches' ? 'string' : 'boolean');
  if (!valid) fields.problem(`${operator} has a value of the wrong type: ${brief(value)}`);
}

/** Whether the rule holds. A missing variable fails with States.Runtime, except under IsPresent. */
export function holds(rule: JsonObject, roots: Roots): boolean {
  const { And: and, Or: or, Not: not } = rule;
  if (Array.isArray(and)) return and.filter(isObject).every((inner) => holds(inner, roots));
  if (Array.isArray(or)) return or.filter(isObject).some((inner) => holds(inner, roots));
  if (isObject(not)) return !holds(not, roots);
  const operator = Object.keys(rule).find((key) => !SURROUNDING.includes(key)) ?? '';
  const variable = lookUp(parsePath(textOf(rule['Variable'])), roots);
  const operand = rule[operator] ?? null;
  if (operator === 'IsPresent') return (variable !== undefined) === operand;
  const value = present(variable, rule['Variable']);
  const test = own(TESTS, operator);
  if (test) return test(value) === operand;
  if (operator === 'StringMatches') return typeof value === 'string' && like(textOf(operand)).test(value);
  if (!operator.endsWith('Path')) return compare(operator, value, operand);
  const other = present(lookUp(parsePath(textOf(operand)), roots), operand);
  return compare(operator.slice(0, -'Path'.length), value, other);
}

/** Null is present. */
function present(value: Json | undefined, path: Json | undefined): Json {
  if (value !== undefined) return value;
  throw new RuntimeFailure(
    `Invalid path '${textOf(path)}': The choice state's condition path references an invalid value.`,
  );
}

function compare(operator: string, value: Json, other: Json): boolean {
  if (operator === 'BooleanEquals') return typeof value === 'boolean' && value === other;
  const [, type = '', order = ''] = COMPARISON.exec(operator) ?? [];
  const left = TYPES[type]?.(value);
  const right = TYPES[type]?.(other);
  return left !== undefined && right !== undefined && (ORDERS[order]?.(left, right) ?? false);
}

/** `*` stands for any text, `\*` for an asterisk, `\\` for a backslash. */
function like(pattern: string): RegExp {
  const source = pattern.replace(/\\[*\\]|\*|[\s\S]/g, (part) => {
    if (part === '*') return '[\\s\\S]*';
    const literal = part.length === 2 ? part.slice(1) : part;
    return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 'u');
}
