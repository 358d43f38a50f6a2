import type { Problem } from '../errors';
import type { Pair } from './facts';

/** A target that is written anew must be empty, unless the definition says that it may be replaced. */
export const emptyTarget = ({ mapping, target }: Pair): Problem[] => {
  const filled = target?.asWorker?.hasRows || target?.asOwner?.hasRows;
  if (!filled || mapping.existingRows === 'replace') return [];
  return [
    {
      check: 'empty-target',
      subject: `target table ${mapping.target}`,
      found: 'it holds rows',
      remedy: "empty it, or set existingRows: 'replace'; an abort cannot bring replaced rows back",
    },
  ];
};
