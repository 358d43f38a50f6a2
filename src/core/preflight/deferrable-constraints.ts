import { traitsOf } from '../../contract/lifecycle';
import type { IndexDescription } from '../catalog';
import type { Problem } from '../errors';
import { mappedColumns } from '../layout';
import type { Facts, Pair } from './facts';
import { keyNames } from './key-columns';

/**
 * A deferrable constraint is checked by a trigger, which is off while Sluice writes: only rows that the source holds to the
 * same can be trusted. While appliers write, too, no INSERT of a copier may leave rows out by such a constraint.
 */
export const deferrableConstraints = (pair: Pair, facts: Facts): Problem[] => {
  const { target } = pair;
  if (!target) return [];
  const live = traitsOf(facts.definition.shape).capturesChanges;
  return constraintsBesideKey(pair)
    .filter((index) => index.deferrable && (live || !isEnforcedBySource(pair, index)))
    .map(({ name }) => ({
      check: 'deferrable-constraints',
      subject: `target table ${target.name}`,
      found: live
        ? `constraint ${name} is deferrable: no write can leave out the rows that it refuses`
        : `constraint ${name} is deferrable, so it is not checked on Sluice's own writes, and the source does not enforce the same`,
      remedy: 'make it NOT DEFERRABLE (drop and add it) until the migration is over',
    }));
};

/** Of the target, without the key's own: usable-key speaks of that. */
export const constraintsBesideKey = (pair: Pair): IndexDescription[] => {
  const key = keyNames(pair).find(({ end }) => end.side === 'target')?.names ?? [];
  const isKey = ({ columns }: IndexDescription) =>
    columns.length === key.length && key.every((name) => columns.includes(name));
  return (pair.target?.table.indexes ?? []).filter(
    (index) => (index.unique || index.exclusion) && !isKey(index),
  );
};

/** The same columns as they are, over all rows, and the same kind of constraint. */
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
