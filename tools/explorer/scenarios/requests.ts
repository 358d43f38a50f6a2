/** Requests that scenarios single out. */
import type { Request } from '../memory/state';

/** A compare-and-set on `writes`: the adapter marks each with a number of its own. */
export const isDecision = ({ args }: Request): boolean =>
  ':decision' in ((args.ExpressionAttributeValues as object | undefined) ?? {});
