import type { Size } from './model';

/** Touches the ledger only, or runs a handful of statements with short locks. */
export const QUICK: Size = { timeoutSeconds: 120, memoryMegabytes: 512 };
/** Runs statements whose duration follows the number of tables or their size; the Data API ends a statement at 45 s. */
export const LONG: Size = { timeoutSeconds: 900, memoryMegabytes: 1024 };
/** The write cutover: longer than the longest fence, short enough that a hung call does not keep both ends closed for long. */
export const CUTOVER: Size = { timeoutSeconds: 420, memoryMegabytes: 1769 };
/** Carries rows, and stops by itself before the deadline. */
export const CARRIER: Size = { timeoutSeconds: 900, memoryMegabytes: 1769 };
