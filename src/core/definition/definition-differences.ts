/** Compares the frozen definition with the deployed one, field by field. */
import type { Difference } from '../ledger';
import type { FrozenDefinition } from './frozen-definition';

/** Longest value that is shown; a mapping may hold long expressions. */
const VALUE_CHARACTERS_MAX = 200;

/** Lists whose elements have names, and the field that names them. */
const NAMED_BY: Readonly<Record<string, string>> = { tables: 'target', targetSchema: 'file' };

/** Fields in which two frozen definitions differ; empty if none does. */
export const differencesOf = (frozen: FrozenDefinition, deployed: FrozenDefinition): readonly Difference[] =>
  compare('', frozen, deployed);

function compare(path: string, frozen: unknown, deployed: unknown): readonly Difference[] {
  if (isObject(frozen) && isObject(deployed)) {
    const fields = new Set([...Object.keys(frozen), ...Object.keys(deployed)]);
    return [...fields].flatMap((field) =>
      compareField(path, field, byName(field, frozen[field]), byName(field, deployed[field])),
    );
  }
  const [left, right] = [textOf(frozen), textOf(deployed)];
  return left === right ? [] : [{ path, frozen: shortened(left), deployed: shortened(right) }];
}

const compareField = (path: string, field: string, frozen: unknown, deployed: unknown) =>
  compare(pathOf(path, field), frozen, deployed);

const pathOf = (path: string, field: string): string => {
  if (path === '') return field;
  return path in NAMED_BY ? `${path}[${field}]` : `${path}.${field}`;
};

/** Turns a list with named elements into an object, so that elements are compared by name rather than by position. */
function byName(field: string, value: unknown): unknown {
  const name = NAMED_BY[field];
  if (name === undefined || !Array.isArray(value)) return value;
  return Object.fromEntries((value as Record<string, unknown>[]).map((each) => [String(each[name]), each]));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | null => JSON.stringify(value) ?? null;

const shortened = (text: string | null): string | null =>
  text !== null && text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;

/** Describes one difference in words. */
export const differenceText = ({ path, frozen, deployed }: Difference): string =>
  `${path}: ${frozen ?? 'absent'} is in effect, ${deployed ?? 'absent'} is deployed`;
