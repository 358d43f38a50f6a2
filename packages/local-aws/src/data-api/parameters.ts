/** Converts the named parameters of a request to the typed values of a Bind message. */
import { invalid, ServiceError } from './errors';
import { isObject, isWellFormed, wideDigits, type JsonObject } from './wire';
import { isJson } from '../is-json';

/** Values and their declared types, by position. Type 0 lets the server infer the type. */
export interface BoundParameters {
  /** OIDs in decimal, as node-postgres expects them. */
  readonly types: string[];
  readonly values: (string | Buffer | null)[];
}

interface BoundValue {
  readonly type: number;
  readonly value: string | Buffer | null;
}

const OID = { unspecified: 0, bool: 16, bytea: 17, int8: 20, text: 25, float8: 701 } as const;

const DATE = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?`;

interface TypeHint {
  /** The OID that the parameter is declared with. */
  readonly type: number;
  readonly isValid: (text: string) => boolean;
  readonly format: string;
}

const matches = (pattern: string) => {
  const whole = new RegExp(`^${pattern}$`);
  return (text: string): boolean => whole.test(text);
};

/** Formats from the service model. JSON is sent as `json`, which can be assigned to `jsonb` columns too. */
const HINTS: Readonly<Record<string, TypeHint>> = {
  JSON: { type: 114, isValid: isJson, format: 'a JSON text' },
  UUID: {
    type: 2950,
    isValid: matches('[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'),
    format: 'a UUID',
  },
  TIMESTAMP: { type: 1114, isValid: matches(`${DATE} ${TIME}`), format: 'YYYY-MM-DD HH:MM:SS[.FFF]' },
  DATE: { type: 1082, isValid: matches(DATE), format: 'YYYY-MM-DD' },
  TIME: { type: 1083, isValid: matches(TIME), format: 'HH:MM:SS[.FFF]' },
  DECIMAL: {
    type: 1700,
    isValid: matches(String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`),
    format: 'a decimal number',
  },
};

/**
 * @param names the statement's parameters, by position
 * @param list the request's `parameters` or one of its `parameterSets`
 * @throws ServiceError ValidationException for wrong shapes or formats, and for missing, duplicate or unused names
 */
export function bindParameters(names: readonly string[], list: readonly unknown[]): BoundParameters {
  const given = new Map<string, BoundValue>();
  const problems: string[] = [];
  for (const [index, parameter] of list.entries()) {
    const name = isObject(parameter) ? parameter['name'] : undefined;
    if (!isObject(parameter) || typeof name !== 'string') {
      problems.push(`Parameter ${index + 1} must be a structure with a name and a value`);
    } else if (given.has(name)) {
      problems.push(`Parameter '${name}' is given twice`);
    } else {
      given.set(name, bindValue(name, parameter, problems));
    }
  }
  const bound: BoundParameters = { types: [], values: [] };
  for (const name of names) {
    const value = given.get(name);
    if (value === undefined) problems.push(`Cannot find parameter: ${name}`);
    bound.types.push(String(value?.type ?? OID.unspecified));
    bound.values.push(value?.value ?? null);
    given.delete(name);
  }
  for (const name of given.keys()) problems.push(`Parameter '${name}' is not used by the SQL statement`);
  if (problems.length > 0) throw invalid(problems.join('; '));
  return bound;
}

const UNKNOWN: BoundValue = { type: OID.unspecified, value: null };
const MEMBERS = ['name', 'value', 'typeHint'];

function bindValue(name: string, parameter: JsonObject, problems: string[]): BoundValue {
  // The real service ignores such a member, so that a misspelled `typehint` has no effect.
  for (const member of Object.keys(parameter)) {
    if (!MEMBERS.includes(member)) problems.push(`Parameter '${name}' has the unknown member '${member}'`);
  }
  const field = parameter['value'];
  const hint = parameter['typeHint'] ?? undefined;
  const members = isObject(field) ? Object.entries(field).filter(([, value]) => value !== null) : [];
  const [member] = members;
  if (members.length !== 1 || member === undefined) {
    problems.push(`Parameter '${name}' must have a value with exactly one member`);
    return UNKNOWN;
  }
  const value = member[0] === 'arrayValue' ? refuseArray(name) : readValue(...member);
  if (value === undefined) {
    problems.push(`Parameter '${name}' has an invalid ${member[0]}`);
    return UNKNOWN;
  }
  return hint === undefined ? value : applyHint(name, value, hint, problems);
}

function refuseArray(name: string): never {
  throw new ServiceError('BadRequestException', `Array parameters are not supported: ${name}`);
}

/** Returns undefined for a member that does not exist or a value of the wrong type. */
function readValue(member: string, value: unknown): BoundValue | undefined {
  switch (member) {
    case 'isNull':
      return value === true ? UNKNOWN : undefined;
    case 'booleanValue':
      return typeof value === 'boolean' ? { type: OID.bool, value: String(value) } : undefined;
    case 'longValue':
      return readLong(value);
    case 'doubleValue':
      return readDouble(value);
    case 'stringValue':
      return typeof value === 'string' && isWellFormed(value) ? { type: OID.text, value } : undefined;
    case 'blobValue':
      return typeof value === 'string' ? readBlob(value) : undefined;
    default:
      return undefined;
  }
}

/** Node ignores invalid characters when it decodes, so only text that survives the round trip is valid base64. */
function readBlob(text: string): BoundValue | undefined {
  const value = Buffer.from(text, 'base64');
  return value.toString('base64') === text ? { type: OID.bytea, value } : undefined;
}

function readLong(value: unknown): BoundValue | undefined {
  const wide = wideDigits(value);
  const isLong = wide === undefined ? Number.isSafeInteger(value) : isInt8(wide);
  return isLong ? { type: OID.int8, value: wide ?? String(value) } : undefined;
}

/** Checks the length first: the digits may be megabytes long. */
const isInt8 = (digits: string): boolean =>
  digits.length <= 20 && BigInt.asIntN(64, BigInt(digits)) === BigInt(digits);

function readDouble(value: unknown): BoundValue | undefined {
  const isDouble = Number.isFinite(value) || ['NaN', 'Infinity', '-Infinity'].includes(value as string);
  return isDouble ? { type: OID.float8, value: String(value) } : undefined;
}

function applyHint(name: string, value: BoundValue, hint: unknown, problems: string[]): BoundValue {
  const rule = typeof hint === 'string' && Object.hasOwn(HINTS, hint) ? HINTS[hint] : undefined;
  if (rule === undefined) {
    problems.push(`Parameter '${name}' has the unknown typeHint ${String(hint)}`);
    return value;
  }
  if (value.value === null) return { type: rule.type, value: null };
  if (value.type !== OID.text || typeof value.value !== 'string') {
    problems.push(`Parameter '${name}' has a typeHint, which requires a stringValue`);
  } else if (!rule.isValid(value.value)) {
    problems.push(`Parameter '${name}' does not have the format of its typeHint: ${rule.format}`);
  }
  return { type: rule.type, value: value.value };
}
