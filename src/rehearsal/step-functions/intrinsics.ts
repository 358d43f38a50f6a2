import { RuntimeFailure } from './errors';
import type { Expression } from './intrinsic-syntax';
import { parseIntrinsic } from './intrinsic-syntax';
import type { Json } from './json';
import { brief, isObject } from './json';
import type { Roots } from './paths';
import { parsePath, resolve } from './paths';

export interface Evaluation extends Roots {
  /** For States.UUID; version 4. */
  readonly newUuid: () => string;
}

interface Intrinsic {
  readonly argsMin: number;
  readonly argsMax: number;
  call(args: Json[], evaluation: Evaluation): Json;
}

const integerMax = 2 ** 31 - 1;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  'States.Array': { argsMin: 0, argsMax: Infinity, call: (args) => args },
  'States.ArrayGetItem': { argsMin: 2, argsMax: 2, call: ([array, index]) => arrayItem(array, index) },
  'States.ArrayLength': {
    argsMin: 1,
    argsMax: 1,
    call: ([array]) => (Array.isArray(array) ? array.length : wrong('States.ArrayLength', 'an array', array)),
  },
  'States.Format': { argsMin: 1, argsMax: Infinity, call: ([template, ...args]) => format(template, args) },
  'States.JsonMerge': { argsMin: 3, argsMax: 3, call: ([left, right, deep]) => merge(left, right, deep) },
  'States.JsonToString': { argsMin: 1, argsMax: 1, call: ([value]) => JSON.stringify(value) },
  'States.MathAdd': { argsMin: 2, argsMax: 2, call: ([left, right]) => add(left, right) },
  'States.StringToJson': { argsMin: 1, argsMax: 1, call: ([text]) => parse(text) },
  'States.UUID': { argsMin: 0, argsMax: 0, call: (_args, { newUuid }) => newUuid() },
};

/** Problems that make the expression unusable: syntax, unsupported functions, wrong numbers of arguments. */
export function intrinsicProblems(text: string, checkPath: (path: string) => void): string[] {
  const problems: string[] = [];
  const visit = (expression: Expression): void => {
    if (expression.kind === 'path') checkPath(expression.text);
    if (expression.kind !== 'call') return;
    const intrinsic = INTRINSICS[expression.name];
    if (!intrinsic) {
      problems.push(
        `intrinsic function ${expression.name} is not supported (supported: ${Object.keys(INTRINSICS).join(', ')})`,
      );
    } else if (expression.args.length < intrinsic.argsMin || expression.args.length > intrinsic.argsMax) {
      problems.push(`${expression.name} got ${expression.args.length} arguments in '${text}'`);
    }
    expression.args.forEach(visit);
  };
  try {
    visit(parseIntrinsic(text));
  } catch (error) {
    problems.push((error as Error).message);
  }
  return problems;
}

/** The value of an intrinsic function or of a path. `field` names the definition's field. */
export function evaluate(text: string, evaluation: Evaluation, field: string): Json {
  return text.startsWith('$')
    ? resolve(text, evaluation, field)
    : value(parseIntrinsic(text), evaluation, field);
}

function value(expression: Expression, evaluation: Evaluation, field: string): Json {
  if (expression.kind === 'literal') {
    return typeof expression.value === 'string' ? unescapeBraces(expression.value) : expression.value;
  }
  if (expression.kind === 'path') return resolve(parsePath(expression.text).text, evaluation, field);
  const intrinsic = INTRINSICS[expression.name];
  if (!intrinsic) throw new RuntimeFailure(`The intrinsic function ${expression.name} is not supported`);
  const args = expression.args.map((arg, index) =>
    expression.name === 'States.Format' && index === 0 && arg.kind === 'literal'
      ? arg.value
      : value(arg, evaluation, field),
  );
  return intrinsic.call(args, evaluation);
}

const unescapeBraces = (text: string): string => text.replace(/\\([{}])/g, '$1');

function wrong(name: string, expected: string, got: Json | undefined): never {
  throw new RuntimeFailure(`Invalid arguments in ${name}: expected ${expected}, got ${brief(got)}`);
}

function format(template: Json | undefined, args: Json[]): string {
  if (typeof template !== 'string') return wrong('States.Format', 'a text as first argument', template);
  let used = 0;
  const text = template.replace(/\\[{}]|\{\}/g, (found) => {
    if (found !== '{}') return found.slice(1);
    const arg = args[used++];
    // AWS renders these in a form of its own, which is no JSON; use States.JsonToString.
    if (arg === undefined || typeof arg === 'object') {
      return arg === null ? 'null' : wrong('States.Format', 'a text, number, boolean or null per {}', arg);
    }
    return String(arg);
  });
  return used === args.length ? text : wrong('States.Format', `${used} values for the template`, args);
}

function arrayItem(array: Json | undefined, index: Json | undefined): Json {
  if (!Array.isArray(array)) return wrong('States.ArrayGetItem', 'an array', array);
  const item = typeof index === 'number' ? array[index] : undefined;
  return item === undefined ? wrong('States.ArrayGetItem', `an index below ${array.length}`, index) : item;
}

function merge(left: Json | undefined, right: Json | undefined, deep: Json | undefined): Json {
  if (deep !== false)
    return wrong('States.JsonMerge', 'false as third argument (only shallow merging)', deep);
  if (!isObject(left)) return wrong('States.JsonMerge', 'an object as first argument', left);
  if (!isObject(right)) return wrong('States.JsonMerge', 'an object as second argument', right);
  return { ...left, ...right };
}

function add(left: Json | undefined, right: Json | undefined): number {
  if (!Number.isInteger(left)) return wrong('States.MathAdd', 'integers', left);
  if (!Number.isInteger(right)) return wrong('States.MathAdd', 'integers', right);
  const sum = (left as number) + (right as number);
  return Math.abs(sum) <= integerMax ? sum : wrong('States.MathAdd', 'a sum within 32 bits', sum);
}

function parse(text: Json | undefined): Json {
  if (typeof text !== 'string') return wrong('States.StringToJson', 'a text', text);
  try {
    return JSON.parse(text) as Json;
  } catch {
    return wrong('States.StringToJson', 'JSON', text);
  }
}
