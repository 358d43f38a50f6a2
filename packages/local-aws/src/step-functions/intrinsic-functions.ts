import { createHash } from 'node:crypto';
import { RuntimeFailure } from './errors';
import type { Json } from './json';
import { abbreviate, asNumber, isObject, readJson, toText } from './json';
import { inexactNumbers } from './json-text';

export interface Randomness {
  /** For States.UUID; version 4. */
  readonly newUuid: () => string;
  /** For States.MathRandom; 0 ≤ x < 1. */
  readonly random: () => number;
}

interface Intrinsic {
  readonly argumentsMin: number;
  readonly argumentsMax: number;
  /** Throws RuntimeFailure. */
  call(args: readonly Json[], randomness: Randomness): Json;
}

const CHARACTERS_MAX = 10_000;
const RANGE_MAX = 1000;
const HASHES = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];

/** All intrinsic functions, by name. */
export const FUNCTIONS: Readonly<Record<string, Intrinsic>> = {
  'States.Array': { argumentsMin: 0, argumentsMax: Infinity, call: (args) => [...args] },
  'States.ArrayContains': withArguments(2, ([array, wanted = null]) =>
    arrayOf('States.ArrayContains', array).some((item) => canonical(item) === canonical(wanted)),
  ),
  'States.ArrayGetItem': withArguments(2, ([array, index]) => arrayItem(array, index)),
  'States.ArrayLength': withArguments(1, ([array]) => arrayOf('States.ArrayLength', array).length),
  'States.ArrayPartition': withArguments(2, ([array, size]) => partition(array, size)),
  'States.ArrayRange': withArguments(3, ([first, last, step]) => range(first, last, step)),
  'States.ArrayUnique': withArguments(1, ([array]) => unique(arrayOf('States.ArrayUnique', array))),
  'States.Base64Decode': withArguments(1, ([text]) =>
    Buffer.from(shortText('States.Base64Decode', text), 'base64').toString('utf8'),
  ),
  'States.Base64Encode': withArguments(1, ([text]) =>
    Buffer.from(shortText('States.Base64Encode', text), 'utf8').toString('base64'),
  ),
  'States.Format': {
    argumentsMin: 1,
    argumentsMax: Infinity,
    call: ([template, ...args]) => format(template, args),
  },
  'States.Hash': withArguments(2, ([text, algorithm]) => hash(text, algorithm)),
  'States.JsonMerge': withArguments(3, ([left, right, deep]) => merge(left, right, deep)),
  'States.JsonToString': withArguments(1, ([value]) => toText(value)),
  'States.MathAdd': withArguments(2, ([left, right]) => add(left, right)),
  'States.MathRandom': {
    argumentsMin: 2,
    argumentsMax: 3,
    call: ([start, end, seed], { random }) => randomNumber(start, end, seed, random),
  },
  'States.StringSplit': withArguments(2, ([text, delimiters]) => split(text, delimiters)),
  'States.StringToJson': withArguments(1, ([text]) => parse(text)),
  'States.UUID': withArguments(0, (_args, { newUuid }) => newUuid()),
};

function withArguments(count: number, call: Intrinsic['call']): Intrinsic {
  return { argumentsMin: count, argumentsMax: count, call };
}

export function invalidArguments(name: string, expected: string, got: unknown): never {
  throw new RuntimeFailure(`Invalid arguments in ${name}: expected ${expected}, got ${abbreviate(got)}`);
}

const arrayOf = (name: string, value: Json | undefined): Json[] =>
  Array.isArray(value) ? value : invalidArguments(name, 'an array', value);

const textOf = (name: string, value: Json | undefined): string =>
  typeof value === 'string' ? value : invalidArguments(name, 'a string', value);

function shortText(name: string, value: Json | undefined): string {
  const text = textOf(name, value);
  return text.length <= CHARACTERS_MAX
    ? text
    : invalidArguments(name, `at most ${CHARACTERS_MAX} characters`, text.length);
}

/** Rounds a fraction, halves towards positive infinity, as recorded on AWS. */
function integerOf(name: string, value: Json | undefined): number {
  const number = asNumber(value);
  if (number === undefined) return invalidArguments(name, 'a number', value);
  const rounded = Math.round(number);
  const fits = rounded >= -(2 ** 31) && rounded < 2 ** 31;
  return fits ? rounded : invalidArguments(name, 'a number from -2147483648 to 2147483647', value);
}

/** Renders a value so that equal values give equal text, regardless of the order of their members. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.sort().join(',')}}`;
}

/** Keeps the first of equal items. */
function unique(array: Json[]): Json[] {
  const seen = new Set<string>();
  return array.filter((item) => seen.size < seen.add(canonical(item)).size);
}

function partition(array: Json | undefined, size: Json | undefined): Json {
  const items = arrayOf('States.ArrayPartition', array);
  const count = integerOf('States.ArrayPartition', size);
  if (count < 1) return invalidArguments('States.ArrayPartition', 'a positive size', size);
  const parts = Array.from({ length: Math.ceil(items.length / count) }, (_part, index) => index * count);
  return parts.map((from) => items.slice(from, from + count));
}

function range(...given: (Json | undefined)[]): Json {
  const [first = 0, last = 0, step = 0] = given.map((each) => integerOf('States.ArrayRange', each));
  if (step === 0) return invalidArguments('States.ArrayRange', 'a step that is not 0', step);
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > RANGE_MAX) return invalidArguments('States.ArrayRange', `at most ${RANGE_MAX} items`, count);
  return Array.from({ length: count }, (_item, index) => first + index * step);
}

function hash(text: Json | undefined, algorithm: Json | undefined): string {
  const data = shortText('States.Hash', text);
  const name = textOf('States.Hash', algorithm);
  if (!HASHES.includes(name)) return invalidArguments('States.Hash', `one of ${HASHES.join(', ')}`, name);
  return createHash(name.replace('-', '').toLowerCase()).update(data, 'utf8').digest('hex');
}

function format(template: Json | undefined, args: readonly Json[]): string {
  const source = textOf('States.Format', template);
  let used = 0;
  const text = source.replace(/\\[\\'{}]|\{\}/g, (found) => {
    if (found !== '{}') return found.slice(1);
    const arg = args[used++];
    return arg === undefined
      ? invalidArguments('States.Format', 'a value for each {}', args)
      : renderValue(arg);
  });
  return used === args.length
    ? text
    : invalidArguments('States.Format', `${used} values for the template`, args);
}

/** Renders a value for States.Format. The form is not JSON: `{a=1, b=[x, y]}`, as recorded on AWS. */
function renderValue(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(renderValue).join(', ')}]`;
  if (!isObject(value)) return String(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${key}=${renderValue(member)}`)
    .join(', ')}}`;
}

function arrayItem(array: Json | undefined, index: Json | undefined): Json {
  const items = arrayOf('States.ArrayGetItem', array);
  const item = items[asNumber(index) ?? -1];
  return item === undefined
    ? invalidArguments('States.ArrayGetItem', `an index below ${items.length}`, index)
    : item;
}

function merge(left: Json | undefined, right: Json | undefined, deep: Json | undefined): Json {
  if (deep !== false)
    return invalidArguments('States.JsonMerge', 'false as third argument (only shallow merging)', deep);
  if (!isObject(left)) return invalidArguments('States.JsonMerge', 'an object as first argument', left);
  if (!isObject(right)) return invalidArguments('States.JsonMerge', 'an object as second argument', right);
  return { ...left, ...right };
}

function add(left: Json | undefined, right: Json | undefined): number {
  const sum = integerOf('States.MathAdd', left) + integerOf('States.MathAdd', right);
  return integerOf('States.MathAdd', sum) + 0;
}

/** Returns a number from `start` up to but excluding `end`. A seed repeats its number, but not the number of AWS. */
function randomNumber(
  start: Json | undefined,
  end: Json | undefined,
  seed: Json | undefined,
  random: () => number,
): number {
  const [from, to] = [integerOf('States.MathRandom', start), integerOf('States.MathRandom', end)];
  if (to <= from) return invalidArguments('States.MathRandom', 'an end above the start', [from, to]);
  if (seed === undefined) return from + Math.floor(random() * (to - from));
  const digest = createHash('sha256')
    .update(String(integerOf('States.MathRandom', seed)))
    .digest();
  return from + Math.floor((digest.readUInt32BE(0) / 2 ** 32) * (to - from));
}

/** Splits at each of the delimiter characters and drops empty parts. */
function split(text: Json | undefined, delimiters: Json | undefined): Json {
  const at = new Set(textOf('States.StringSplit', delimiters));
  const parts = [''];
  for (const character of textOf('States.StringSplit', text)) {
    if (at.has(character)) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part !== '');
}

/** Parses JSON text. Empty text gives null. */
function parse(text: Json | undefined): Json {
  const source = textOf('States.StringToJson', text);
  if (source.trim() === '') return null;
  const value = parsed(source);
  const [inexact] = inexactNumbers(source);
  if (inexact !== undefined)
    return invalidArguments('States.StringToJson', 'numbers that can be represented exactly', inexact);
  return value;
}

function parsed(text: string): Json {
  try {
    return readJson(text);
  } catch {
    return invalidArguments('States.StringToJson', 'JSON', text);
  }
}
