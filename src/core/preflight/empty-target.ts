import { traitsOf } from '../../contract/lifecycle';
import type { Problem } from '../errors';
import type { Facts, Pair } from './facts';

/**
 * Requires an empty target, unless the definition allows Sluice to replace its rows. Shape `cdc` cannot replace them: no
 * worker would remove a target row beyond the last key of the plan that the source does not have.
 */
export const emptyTarget = ({ mapping, target }: Pair, facts: Facts): Problem[] => {
  const live = traitsOf(facts.definition.shape).capturesChanges;
  const replaces = mapping.existingRows === 'replace';
  const filled = Boolean(Object.values(target?.as ?? {}).some((table) => table?.hasRows));
  if (live ? !filled && !replaces : !filled || replaces) return [];
  const remedy = live
    ? `${filled ? 'Empty it' : ''}${filled && replaces ? ', and remove' : replaces ? 'Remove' : ''}${replaces ? " existingRows: 'replace'" : ''}`
    : "Empty it, or set existingRows: 'replace' (an abort cannot restore replaced rows)";
  return [
    {
      check: 'empty-target',
      subject: `target table ${mapping.target}`,
      found: filled
        ? 'the table has rows'
        : `shape ${facts.definition.shape} does not support existingRows: 'replace'`,
      remedy,
    },
  ];
};
