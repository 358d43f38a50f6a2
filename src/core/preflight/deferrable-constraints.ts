import { traitsOf } from '../../contract/lifecycle';
import type { IndexDescription } from '../catalog';
import type { Problem } from '../errors';
import { mappedColumns } from '../layout';
import type { Facts, Pair } from './facts';
import { keyNames } from './key-columns';

/**
 * Refuses deferrable constraints that the source does not enforce. PostgreSQL checks them by a trigger, which does not fire
 * for Sluice's writes. While appliers write, copiers use ON CONFLICT DO NOTHING, which does not support such a constraint.
 */
export const deferrableConstraints = (pair: Pair, facts: Facts): Problem[] => {
  const { target } = pair;
  if (!target) return [];
  const live = traitsOf(facts.definition.shape).capturesChanges;
  return constraintsExceptKey(pair)
    .filter((index) => index.deferrable && (live || !isEnforcedBySource(pair, index)))
    .map(({ name }) => ({
      check: 'deferrable-constraints',
      subject: `target table ${target.name}`,
      found: live
        ? `constraint ${name} is deferrable, so ON CONFLICT cannot leave out the rows that it refuses`
        : `constraint ${name} is deferrable, so PostgreSQL does not check it for Sluice's writes, and the source does not enforce an equivalent constraint`,
      remedy: 'Make it NOT DEFERRABLE (drop it and add it again) until the migration is finished',
    }));
};

/** Unique and exclusion constraints of the target except the key's own, which usable-key checks. */
export const constraintsExceptKey = (pair: Pair): IndexDescription[] => {
  const key = keyNames(pair).find(({ end }) => end.side === 'target')?.names ?? [];
  const isKey = ({ columns }: IndexDescription) =>
    columns.length === key.length && key.every((name) => columns.includes(name));
  return (pair.target?.table.indexes ?? []).filter(
    (index) => (index.unique || index.exclusion) && !isKey(index),
  );
};

/** Whether the source has a valid, total constraint of the same kind on the same unchanged columns. */
function isEnforcedBySource({ mapping, source }: Pair, { columns, exclusion }: IndexDescription): boolean {
  if (!source) return false;
  const mapped = mappedColumns(mapping, source.table);
  const targets = (index: IndexDescription) =>
    index.columns.map((name) => (name === null ? null : mapped.get(name)));
  return source.table.indexes.some(
    (index) =>
      (exclusion ? index.exclusion : index.unique) &&
      index.valid &&
      !index.partial &&
      index.columns.length === columns.length &&
      columns.every((name) => name !== null && targets(index).includes(name)),
  );
}
