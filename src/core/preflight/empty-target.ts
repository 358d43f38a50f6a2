import { traitsOf } from '../../contract/lifecycle';
import type { Problem } from '../errors';
import type { Facts, Pair } from './facts';

/**
 * A target that is written anew must be empty, unless the definition says that it may be replaced. A live migration cannot:
 * beyond the last key of the plan nobody would remove what the source does not have.
 */
export const emptyTarget = ({ mapping, target }: Pair, facts: Facts): Problem[] => {
  const live = traitsOf(facts.definition.shape).capturesChanges;
  const replaces = mapping.existingRows === 'replace';
  const filled = Boolean(target?.asWorker?.hasRows || target?.asOwner?.hasRows);
  if (live ? !filled && !replaces : !filled || replaces) return [];
  const remedy = live
    ? `${filled ? 'empty it' : ''}${filled && replaces ? ', and ' : ''}${replaces ? "leave existingRows: 'replace' out" : ''}`
    : "empty it, or set existingRows: 'replace'; an abort cannot bring replaced rows back";
  return [
    {
      check: 'empty-target',
      subject: `target table ${mapping.target}`,
      found: filled
        ? 'it holds rows'
        : `existingRows: 'replace' cannot be kept in shape ${facts.definition.shape}`,
      remedy,
    },
  ];
};
