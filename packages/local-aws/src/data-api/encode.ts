/**
 * Encodes raw text values as the JSON of the response. The JSON is assembled as text, so that numbers keep their digits (a
 * long beyond 2^53 stays exact on the wire) and large texts are copied only once.
 */
import { parseArrayLiteral } from './array-literal';
import { ServiceError, unsupportedResult, unsupportedType } from './errors';
import type { RawRow } from './statement';
import type { Kind, ResultType } from './types';
import { utcTimestamp } from './timestamps';

export interface ResultOptions {
  readonly decimalReturnType: 'STRING' | 'DOUBLE_OR_LONG';
  readonly longReturnType: 'LONG' | 'STRING';
}

/** A member of a Field and the JSON of its value. */
interface Encoded {
  readonly member: 'booleanValue' | 'longValue' | 'doubleValue' | 'stringValue' | 'blobValue';
  readonly json: string;
}

const FORMATTED_BYTES_MAX = 10 * 1_048_576;
const INT8_MAX = 2n ** 63n - 1n;
const NULL_FIELD = '{"isNull":true}';

/** Encodes `records`, a list of lists of Fields. */
export function encodeRecords(
  rows: readonly RawRow[],
  types: readonly ResultType[],
  options: ResultOptions,
): string {
  const encoders = types.map((type) => fieldEncoder(type, options));
  return `[${rows.map((row) => encodeRow(row, encoders)).join(',')}]`;
}

type FieldEncoder = (text: string) => string;

function encodeRow(row: RawRow, encoders: readonly FieldEncoder[]): string {
  let json = '[';
  for (let column = 0; column < row.length; column += 1) {
    const text = row[column];
    if (column > 0) json += ',';
    json += text === null || text === undefined ? NULL_FIELD : (encoders[column]?.(text) ?? NULL_FIELD);
  }
  return `${json}]`;
}

function fieldEncoder(type: ResultType, options: ResultOptions): FieldEncoder {
  if (type.isArray) return (text) => `{"arrayValue":${encodeArray(text, type)}}`;
  if (type.kind === 'text') return (text) => `{"stringValue":${JSON.stringify(text)}}`;
  return (text) => {
    const { member, json } = encodeScalar(text, type.kind, options);
    return `{"${member}":${json}}`;
  };
}

function encodeScalar(text: string, kind: Kind, options: ResultOptions): Encoded {
  switch (kind) {
    case 'boolean':
      return { member: 'booleanValue', json: text === 't' ? 'true' : 'false' };
    case 'long':
      return options.longReturnType === 'STRING'
        ? { member: 'stringValue', json: `"${text}"` }
        : { member: 'longValue', json: text };
    case 'double':
      return { member: 'doubleValue', json: doubleJson(text) };
    case 'decimal':
      return encodeDecimal(text, options);
    case 'blob':
      return { member: 'blobValue', json: `"${base64(text)}"` };
    case 'date':
    case 'timestamp':
      return { member: 'stringValue', json: `"${requireIso(text)}"` };
    case 'timestamptz':
      return { member: 'stringValue', json: `"${utcTimestamp(requireIso(text))}"` };
    case 'text':
      return { member: 'stringValue', json: JSON.stringify(text) };
  }
}

/** This protocol encodes infinities and NaN as strings. */
const doubleJson = (text: string): string => (/[NI]/.test(text) ? `"${text}"` : text);

function encodeDecimal(text: string, options: ResultOptions): Encoded {
  if (options.decimalReturnType === 'STRING') return { member: 'stringValue', json: `"${text}"` };
  const isLong = /^-?\d+$/.test(text) && BigInt(text) <= INT8_MAX && BigInt(text) >= -INT8_MAX - 1n;
  return isLong ? { member: 'longValue', json: text } : { member: 'doubleValue', json: doubleJson(text) };
}

function base64(text: string): string {
  if (!text.startsWith('\\x'))
    throw unsupportedResult('A bytea value is not in hex format. Set bytea_output = hex');
  return Buffer.from(text.slice(2), 'hex').toString('base64');
}

function requireIso(text: string): string {
  if (/^\d{4,}-\d\d-\d\d|^-?infinity$/.test(text)) return text;
  throw unsupportedResult(`The date ${text} is not in ISO format. Set datestyle = ISO`);
}

const ARRAY_MEMBERS: Partial<Record<Kind, string>> = {
  boolean: 'booleanValues',
  long: 'longValues',
  double: 'doubleValues',
};

/** Encodes an ArrayValue. Decimals are strings: `resultSetOptions` is assumed to apply to columns, not to elements. */
function encodeArray(text: string, type: ResultType): string {
  return `{"${ARRAY_MEMBERS[type.kind] ?? 'stringValues'}":${elementsJson(text, type)}}`;
}

const PLAIN: ResultOptions = { decimalReturnType: 'STRING', longReturnType: 'LONG' };

function elementsJson(text: string, type: ResultType): string {
  const elements = parseArrayLiteral(text);
  if (elements === undefined) throw unsupportedType('multidimensional array');
  const encoded = elements.map((element) =>
    element === null ? 'null' : encodeScalar(element, type.kind, PLAIN).json,
  );
  return `[${encoded.join(',')}]`;
}

/**
 * Encodes `formattedRecords`, a list of objects by column label.
 * @throws ServiceError BadRequestException for duplicate labels or more than 10 MB
 */
export function encodeFormatted(
  rows: readonly RawRow[],
  labels: readonly string[],
  types: readonly ResultType[],
  options: ResultOptions,
): string {
  const duplicates = labels.filter((label, index) => labels.indexOf(label) !== index);
  if (duplicates.length > 0) {
    const names = [...new Set(duplicates)].join(', ');
    throw new ServiceError(
      'BadRequestException',
      `Column labels are not unique: ${names}. Give these columns aliases`,
    );
  }
  const keys = labels.map((label) => `${JSON.stringify(label)}:`);
  const objects = rows.map((row) => {
    const members = types.map(
      (type, column) => `${keys[column] ?? ''}${formattedValue(row[column], type, options)}`,
    );
    return `{${members.join(',')}}`;
  });
  const json = `[${objects.join(',')}]`;
  if (Buffer.byteLength(json) > FORMATTED_BYTES_MAX) {
    throw new ServiceError('BadRequestException', 'The formatted records exceed 10 MB. Select fewer rows');
  }
  return json;
}

function formattedValue(text: string | null | undefined, type: ResultType, options: ResultOptions): string {
  if (text === null || text === undefined) return 'null';
  return type.isArray ? elementsJson(text, type) : encodeScalar(text, type.kind, options).json;
}
