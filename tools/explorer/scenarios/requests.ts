/** Selects requests by what they do. */
import type { Request } from '../memory/state';

/** Whether a request is a compare-and-set on `writes`, which the adapter marks with a unique number. */
export const isDecision = ({ args }: Request): boolean =>
  ':decision' in ((args.ExpressionAttributeValues as object | undefined) ?? {});
