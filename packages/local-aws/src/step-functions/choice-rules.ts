import { RuntimeFailure } from './errors';
import type { Fields } from './fields';
import type { Json, JsonObject } from './json';
import { abbreviate, asNumber, isObject, ownValue, textOf } from './json';
import type { Roots } from './paths';
import { lookUp, parsePath } from './paths';
import { timestampMs } from './timestamps';

type Order = (left: number | string, right: number | string) => boolean;

const ORDER_TESTS: Readonly<Record<string, Order>> = {
  Equals: (left, right) => left === right,
  LessThan: (left, right) => left < right,
  GreaterThan: (left, right) => left > right,
  LessThanEquals: (left, right) => left <= right,
  GreaterThanEquals: (left, right) => left >= right,
};

/** Converts a value to the form to compare. Returns undefined if its type does not match the operator. */
const OPERAND_READERS: Readonly<Record<string, (value: Json) => number | string | undefined>> = {
  String: (value) => (typeof value === 'string' ? value : undefined),
  Numeric: asNumber,
  Timestamp: (value) => timestampMs(value),
};

const TYPE_TESTS: Readonly<Record<string, (value: Json) => boolean>> = {
  IsNull: (value) => value === null,
  IsNumeric: (value) => asNumber(value) !== undefined,
  IsString: (value) => typeof value === 'string',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => timestampMs(value) !== undefined,
};

const COMPARISON =
  /^(String|Numeric|Timestamp)(LessThanEquals|GreaterThanEquals|LessThan|GreaterThan|Equals)(Path)?$/;
const COMPOSITES = ['And', 'Or', 'Not'];
const NON_OPERATOR_FIELDS = ['Next', 'Comment', 'Variable', 'Assign'];

/** Validates one Choice rule. Only the outermost rule has `Next`. */
export function checkRule(fields: Fields, outermost: boolean): void {
  fields.string('Comment');
  if (outermost) {
    fields.requireField('Next');
    fields.string('Next');
    fields.assign();
  }
  const operators = Object.keys(fields.object).filter((key) => !NON_OPERATOR_FIELDS.includes(key));
  const [operator] = operators;
  if (operator === undefined || operators.length > 1) {
    fields.addProblem(`needs exactly one comparison, has ${operators.length} (${operators.join(', ')})`);
    operators.forEach((name) => fields.read(name));
    fields.read('Variable');
  } else if (COMPOSITES.includes(operator)) {
    const inner =
      operator === 'Not'
        ? [fields.inner('Not')].filter((found) => found !== undefined)
        : fields.list(operator);
    inner.forEach((rule) => checkRule(rule, false));
  } else {
    fields.requireField('Variable');
    fields.path('Variable', { reference: true });
    checkComparison(fields, operator);
  }
  fields.rejectUnknownFields();
}

function checkComparison(fields: Fields, operator: string): void {
  const match = COMPARISON.exec(operator);
  if (match?.[3] || operator === 'BooleanEqualsPath') return fields.path(operator, { reference: true });
  const isOperator = match !== null || operator === 'BooleanEquals' || operator === 'StringMatches';
  if (!isOperator && operator !== 'IsPresent' && !ownValue(TYPE_TESTS, operator)) return;
  const value = fields.read(operator);
  const type = match?.[1];
  const valid = type
    ? OPERAND_READERS[type]?.(value ?? null) !== undefined
    : typeof value === (operator === 'StringMatches' ? 'string' : 'boolean');
  if (!valid) fields.addProblem(`${operator} has a value of the wrong type: ${abbreviate(value)}`);
}

/** Returns whether the rule matches. A missing variable throws States.Runtime, except for IsPresent. */
export function evaluateRule(rule: JsonObject, roots: Roots): boolean {
  const { And: and, Or: or, Not: not } = rule;
  if (Array.isArray(and)) return and.filter(isObject).every((inner) => evaluateRule(inner, roots));
  if (Array.isArray(or)) return or.filter(isObject).some((inner) => evaluateRule(inner, roots));
  if (isObject(not)) return !evaluateRule(not, roots);
  const operator = Object.keys(rule).find((key) => !NON_OPERATOR_FIELDS.includes(key)) ?? '';
  const variable = lookUp(parsePath(textOf(rule['Variable'])), roots);
  const operand = rule[operator] ?? null;
  if (operator === 'IsPresent') return (variable !== undefined) === operand;
  const value = requirePresent(variable, rule['Variable']);
  const test = ownValue(TYPE_TESTS, operator);
  if (test) return test(value) === operand;
  if (operator === 'StringMatches')
    return typeof value === 'string' && wildcardPattern(textOf(operand)).test(value);
  if (!operator.endsWith('Path')) return compare(operator, value, operand);
  const other = requirePresent(lookUp(parsePath(textOf(operand)), roots), operand);
  return compare(operator.slice(0, -'Path'.length), value, other);
}

/** Requires that the path leads to a value. Null is a value. */
function requirePresent(value: Json | undefined, path: Json | undefined): Json {
  if (value !== undefined) return value;
  throw new RuntimeFailure(
    `Invalid path '${textOf(path)}': The choice state's condition path references an invalid value.`,
  );
}

function compare(operator: string, value: Json, other: Json): boolean {
  if (operator === 'BooleanEquals') return typeof value === 'boolean' && value === other;
  const [, type = '', order = ''] = COMPARISON.exec(operator) ?? [];
  const left = OPERAND_READERS[type]?.(value);
  const right = OPERAND_READERS[type]?.(other);
  return left !== undefined && right !== undefined && (ORDER_TESTS[order]?.(left, right) ?? false);
}

/** Compiles a StringMatches pattern: `*` matches any text, `\*` an asterisk, `\\` a backslash. */
function wildcardPattern(pattern: string): RegExp {
  const source = pattern.replace(/\\[*\\]|\*|[\s\S]/g, (part) => {
    if (part === '*') return '[\\s\\S]*';
    const literal = part.length === 2 ? part.slice(1) : part;
    return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 'u');
}
