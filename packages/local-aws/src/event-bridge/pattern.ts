/** Compiles event patterns: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
import { isRecord } from '../aws-json';
import { LIMITS } from './limits';

export type Matches = (event: unknown) => boolean;
/** Tests one value that is neither an object nor a list; undefined is a missing field. */
type LeafTest = (value: unknown) => boolean;

/** @throws Error with the path of what is invalid or not supported */
export function compilePattern(pattern: unknown): Matches {
  const { length } = JSON.stringify(pattern) ?? '';
  if (length > LIMITS.patternLengthMax)
    throw new Error(`the event pattern has ${length} characters; the limit is ${LIMITS.patternLengthMax}`);
  return compileObject(pattern, 'EventPattern');
}

function compileObject(pattern: unknown, place: string): Matches {
  if (!isRecord(pattern) || Object.keys(pattern).length === 0)
    throw new Error(`${place} must be an object with at least one field`);
  const tests = Object.entries(pattern).map(([name, wanted]) => {
    const at = `${place}.${name}`;
    if (name === '$or') return compileOr(wanted, at);
    const field = Array.isArray(wanted) ? compileLeaf(wanted, at) : matchNested(compileObject(wanted, at));
    return (event: unknown): boolean =>
      field(isRecord(event) && Object.hasOwn(event, name) ? event[name] : undefined);
  });
  return (event) => tests.every((test) => test(event));
}

/** Matches a list if one of its elements matches the whole pattern. */
function matchNested(matches: Matches): Matches {
  return (value) =>
    Array.isArray(value) ? value.some((element) => isRecord(element) && matches(element)) : matches(value);
}

function compileOr(alternatives: unknown, place: string): Matches {
  if (!Array.isArray(alternatives) || alternatives.length < 2)
    throw new Error(`${place} must be a list of at least two patterns`);
  const tests = alternatives.map((alternative: unknown, index) =>
    compileObject(alternative, `${place}[${index}]`),
  );
  return (event) => tests.some((test) => test(event));
}

function compileLeaf(wanted: readonly unknown[], place: string): Matches {
  if (wanted.length === 0) throw new Error(`${place} must not be empty`);
  const tests = wanted.map((matcher, index) => compileMatcher(matcher, `${place}[${index}]`));
  return (value) => {
    // An object or an empty list has no value at this path.
    const values: unknown[] = Array.isArray(value) && value.length > 0 ? value.flat(Infinity) : [value];
    return values.some((one) => {
      const leaf = isRecord(one) || Array.isArray(one) ? undefined : one;
      return tests.some((test) => test(leaf));
    });
  };
}

function compileMatcher(matcher: unknown, place: string): LeafTest {
  if (Array.isArray(matcher)) throw new Error(`${place} must not be a list`);
  if (!isRecord(matcher)) return (value) => value === matcher;
  const [[operator, operand] = [], ...others] = Object.entries(matcher);
  if (operator === undefined || others.length > 0)
    throw new Error(`${place} must have exactly one operator, not ${Object.keys(matcher).length}`);
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (compile === undefined) throw new Error(`${place} has the operator ${operator}, which is not supported`);
  return compile(operand, `${place}.${operator}`);
}

const OPERATORS: Readonly<Record<string, (operand: unknown, place: string) => LeafTest>> = {
  prefix: (operand, place) => compileAffix(operand, place, (value, wanted) => value.startsWith(wanted)),
  suffix: (operand, place) => compileAffix(operand, place, (value, wanted) => value.endsWith(wanted)),
  'equals-ignore-case': (operand, place) => {
    const wanted = textOf(operand, place).toLowerCase();
    return onText((value) => value.toLowerCase() === wanted);
  },
  wildcard: (operand, place) => {
    const expression = wildcard(textOf(operand, place), place);
    return onText((value) => expression.test(value));
  },
  exists: (operand, place) => {
    if (typeof operand !== 'boolean') throw new Error(`${place} must be true or false`);
    return (value) => (value !== undefined) === operand;
  },
  numeric,
  'anything-but': anythingBut,
};

const onText =
  (test: (value: string) => boolean): LeafTest =>
  (value) =>
    typeof value === 'string' && test(value);

function compileAffix(
  operand: unknown,
  place: string,
  test: (value: string, wanted: string) => boolean,
): LeafTest {
  if (!isRecord(operand)) {
    const wanted = textOf(operand, place);
    return onText((value) => test(value, wanted));
  }
  const { 'equals-ignore-case': ignoring, ...others } = operand;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`${place} has the operator ${unknown}, which is not supported`);
  const wanted = textOf(ignoring, `${place}.equals-ignore-case`).toLowerCase();
  return onText((value) => test(value.toLowerCase(), wanted));
}

/** Matches a field that exists and has none of the excluded values. */
function anythingBut(operand: unknown, place: string): LeafTest {
  const excluded = excludedBy(operand, place);
  return (value) => value !== undefined && !excluded.some((test) => test(value));
}

const NEGATED = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'];

function excludedBy(operand: unknown, place: string): LeafTest[] {
  if (!isRecord(operand)) {
    const wanted: unknown[] = Array.isArray(operand) ? operand : [operand];
    const types = new Set(wanted.map((value) => typeof value));
    const [type] = types;
    if (wanted.length === 0 || types.size > 1 || (type !== 'string' && type !== 'number'))
      throw new Error(`${place} must be a string, a number, or a list of either`);
    return wanted.map((excluded) => (value) => value === excluded);
  }
  const [[operator, wanted] = [], ...others] = Object.entries(operand);
  if (operator === undefined || others.length > 0 || !NEGATED.includes(operator))
    throw new Error(`${place} has the operator ${Object.keys(operand).join(', ')}, which is not supported`);
  const operands: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  return operands.map((one) => OPERATORS[operator]!(textOf(one, place), `${place}.${operator}`));
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
};
const INTEGER_MAX = 2 ** 53;

function numeric(operand: unknown, place: string): LeafTest {
  const parts: unknown[] = Array.isArray(operand) ? operand : [];
  if (parts.length !== 2 && parts.length !== 4)
    throw new Error(`${place} must be a list of one or two comparisons, such as [">", 0, "<=", 5]`);
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const [operator, bound] = [String(parts[index]), parts[index + 1]];
    const compare = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
    if (compare === undefined)
      throw new Error(`${place} has the comparison ${operator}, which is not supported`);
    if (typeof bound !== 'number' || Math.abs(bound) > INTEGER_MAX)
      throw new Error(`${place} compares with ${JSON.stringify(bound)}, which is not a number within ±2^53`);
    tests.push((value) => compare(value, bound));
  }
  return (value) =>
    typeof value === 'number' && Math.abs(value) <= INTEGER_MAX && tests.every((test) => test(value));
}

function wildcard(text: string, place: string): RegExp {
  if (/(?<!\\)\*\*/.test(text)) throw new Error(`${place} has two consecutive wildcards: ${text}`);
  if (/\\(?![*\\])/.test(text.replace(/\\\\/g, '')))
    throw new Error(`${place} escapes something other than * and \\: ${text}`);
  const source = text.replace(/\\([*\\])|(\*)|([.+?^${}()|[\]])/g, (_all, escaped, star) => {
    if (escaped !== undefined) return `\\${String(escaped)}`;
    return star === undefined ? `\\${_all}` : '.*';
  });
  return new RegExp(`^${source}$`, 's');
}

function textOf(value: unknown, place: string): string {
  if (typeof value === 'string') return value;
  throw new Error(`${place} must be a string, not ${JSON.stringify(value)}`);
}
