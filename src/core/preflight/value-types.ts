/** Decides whether a target column holds every value of a source type unchanged. */

import type { ColumnDescription, ValueDescription } from '../catalog';

export const isBuiltIn = (value: ValueDescription): boolean => !value.type.includes('.');

/** Whether the type is `regclass` or similar: its values refer to objects of their own database. */
export const isObjectName = (value: ValueDescription): boolean =>
  isBuiltIn(value) && value.typeName.startsWith('reg');

/** Types whose output text equals their cast to text, unlike bool, char(n) and inet; unbounded text holds them unchanged. */
const KEPT_AS_TEXT = new Set(
  (
    'int2 int4 int8 oid numeric float4 float8 money uuid date time timetz timestamp timestamptz interval ' +
    'bytea cidr macaddr macaddr8 bit varbit json jsonb xml text varchar name'
  ).split(' '),
);
const INTEGER_DIGITS: Readonly<Record<string, number>> = { int2: 5, int4: 10, int8: 19 };
const TEXTS = new Set(['text', 'varchar']);
const WITH_PRECISION = new Set(['time', 'timetz', 'timestamp', 'timestamptz']);
const PRECISION_DEFAULT = 6;
/** The server adds this to the length in a modifier (VARHDRSZ). */
const HEADER_BYTES = 4;

/**
 * Returns why the target's type cannot hold every value of the source's type unchanged, or null if it can. A CHECK of a domain may
 * still refuse rows.
 */
export function whyNotHeld(source: ColumnDescription, target: ColumnDescription): string | null {
  const [from, to] = [source.value, target.value];
  if (isObjectName(from) || isObjectName(to)) return 'its values refer to objects of their own database';
  if (from.arrayLevels !== to.arrayLevels) return 'one is an array, the other is not';
  if (isBuiltIn(to) && TEXTS.has(to.typeName)) return whyNotText(from, to);
  if (isBuiltIn(from) && isBuiltIn(to)) return whyNotBuiltIn(from, to, target.type.includes('.'));
  return whyNotUserDefined(from, to);
}

function whyNotText(from: ValueDescription, to: ValueDescription): string | null {
  if (isBuiltIn(from) && TEXTS.has(from.typeName)) {
    return lengthOf(from) <= lengthOf(to) ? null : 'longer text does not fit';
  }
  if (lengthOf(to) !== Infinity) return 'only unbounded text holds every value';
  const kept = from.kind === 'enum' || (isBuiltIn(from) && KEPT_AS_TEXT.has(from.typeName));
  return kept ? null : 'a cast to text changes its text form';
}

/** @param domain whether the target is a domain or an array of one; verification then compares the source's own text */
function whyNotBuiltIn(from: ValueDescription, to: ValueDescription, domain: boolean): string | null {
  const digits = INTEGER_DIGITS[from.typeName];
  if (to.typeName === 'numeric' && (digits !== undefined || from.typeName === 'numeric')) {
    const values = digits === undefined ? numericOf(from) : { whole: digits, scale: 0 };
    return whyNotNumeric(values, numericOf(to), domain);
  }
  if (digits !== undefined && INTEGER_DIGITS[to.typeName] !== undefined) {
    return digits <= INTEGER_DIGITS[to.typeName]! ? null : 'larger numbers do not fit';
  }
  if (['bit', 'varbit'].includes(from.typeName) && to.typeName === 'varbit') {
    return bitsOf(from) <= bitsOf(to) ? null : 'longer bit strings do not fit';
  }
  if (from.typeName !== to.typeName) return 'the types differ';
  if (WITH_PRECISION.has(from.typeName)) {
    return precisionOf(from) <= precisionOf(to) ? null : 'fractions of a second would be rounded';
  }
  const lengthCounts = ['bpchar', 'bit'].includes(from.typeName);
  const fits = from.modifier === to.modifier || (to.modifier === -1 && !lengthCounts);
  return fits ? null : 'the modifiers differ';
}

interface Numeric {
  /** Digits before the point, at most. */
  readonly whole: number;
  readonly scale: number;
}

/** @param to null for numeric without precision and scale, which holds every number unchanged */
function whyNotNumeric(from: Numeric | null, to: Numeric | null, domain: boolean): string | null {
  if (to === null) return null;
  if (from === null) return 'numbers of any precision do not fit';
  if (from.scale > to.scale) return 'fractions would be rounded';
  if (from.whole > to.whole) return 'larger numbers do not fit';
  return domain && from.scale !== to.scale ? 'a domain with another scale changes the text of numbers' : null;
}

/** Modifier of numeric: precision in the upper 16 bits, scale in the lower 11, signed. */
function numericOf({ modifier }: ValueDescription): Numeric | null {
  if (modifier === -1) return null;
  const packed = modifier - HEADER_BYTES;
  const scale = ((packed & 0x7ff) ^ 1024) - 1024;
  return { whole: ((packed >> 16) & 0xffff) - scale, scale };
}

function whyNotUserDefined(from: ValueDescription, to: ValueDescription): string | null {
  if (from.kind !== to.kind || from.typeName !== to.typeName || isBuiltIn(from) !== isBuiltIn(to))
    return 'the types differ';
  if (from.extension !== to.extension) return 'the types belong to different extensions';
  const missing = (from.enumLabels ?? []).filter((label) => !to.enumLabels?.includes(label));
  if (missing.length > 0) return `the target's enum lacks ${missing.map((label) => `'${label}'`).join(', ')}`;
  if (from.kind === 'composite' && from.attributes?.join() !== to.attributes?.join())
    return 'the attributes differ';
  return from.modifier === to.modifier || to.modifier === -1 ? null : 'the modifiers differ';
}

const lengthOf = ({ modifier }: ValueDescription): number =>
  modifier === -1 ? Infinity : modifier - HEADER_BYTES;
const bitsOf = ({ modifier }: ValueDescription): number => (modifier === -1 ? Infinity : modifier);
const precisionOf = ({ modifier }: ValueDescription): number =>
  modifier === -1 ? PRECISION_DEFAULT : modifier;
