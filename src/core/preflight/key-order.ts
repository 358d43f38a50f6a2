import type { CollationDescription, ColumnDescription } from '../catalog';
import type { Problem } from '../errors';
import type { Pair } from './facts';
import { chunkNames, columnSubject } from './key-columns';
import { isBuiltIn } from './value-types';

const INTEGERS = ['int2', 'int4', 'int8'];
const TEXTS = ['text', 'varchar'];

/** Requires that key columns sort the same on both ends, so that a range of keys holds the same rows. */
export function keyOrder(pair: Pair): Problem[] {
  const [source, target] = chunkNames(pair);
  if (!source || !target) return [];
  return source.names.flatMap((name, index) => {
    const from = source.end.table.columns.find((column) => column.name === name);
    const to = target.end.table.columns.find((column) => column.name === target.names[index]);
    const why = from && to ? whyNotSameOrder(from, to) : null;
    if (!to || why === null) return [];
    return [
      {
        check: 'key-order',
        subject: columnSubject(target.end, to.name),
        found: `it orders the chunks differently from source column ${name}: ${why}`,
        remedy: 'Give it the same type and collation, or choose another key',
      },
    ];
  });
}

function whyNotSameOrder(from: ColumnDescription, to: ColumnDescription): string | null {
  const [left, right] = [from.value.typeName, to.value.typeName];
  const both = (names: readonly string[]) => [left, right].every((name) => names.includes(name));
  const sameType = left === right && isBuiltIn(from.value) === isBuiltIn(to.value);
  if (!sameType && !both(INTEGERS) && !both(TEXTS)) return `${to.type} is not ${from.type}`;
  if (from.value.enumLabels && !inOrder(from.value.enumLabels, to.value.enumLabels ?? []))
    return 'the labels of the enums are in different orders';
  const [one, other] = [from.collation, to.collation];
  if (one && other && orderOf(one) !== orderOf(other))
    return `collation ${nameOf(other)} is not ${nameOf(one)}`;
  return null;
}

/** Whether the labels that both enums have are in the same order. The check column-types reports missing ones. */
function inOrder(labels: readonly string[], others: readonly string[]): boolean {
  const places = labels.map((label) => others.indexOf(label)).filter((place) => place >= 0);
  return places.every((place, index) => index === 0 || place > places[index - 1]!);
}

/** Collations that compare bytes: libc's C, and builtin ones that order by code point, which in UTF-8 is the same. */
const BYTEWISE: Readonly<Record<string, readonly string[]>> = {
  libc: ['C', 'POSIX'],
  builtin: ['C', 'C.UTF-8', 'PG_UNICODE_FAST'],
};

function orderOf({ provider, locale, version }: CollationDescription): string {
  if (BYTEWISE[provider]?.includes(locale)) return 'bytewise';
  // libc writes one locale in two ways: en_US.utf8 and en_US.UTF-8.
  const spelled = provider === 'libc' ? locale.toLowerCase().replace(/utf-8$/, 'utf8') : locale;
  return JSON.stringify([provider, spelled, version]);
}

const nameOf = ({ name, provider, version }: CollationDescription): string =>
  `${name} (${provider}${version === null ? '' : ` ${version}`})`;
