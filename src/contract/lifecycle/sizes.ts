import type { Size } from './model';

/** Touches the ledger only, or runs a handful of statements with short locks. */
export const QUICK: Size = { timeoutSeconds: 120, memoryMegabytes: 512 };
/** Runs statements whose duration follows the number of tables or their size; one statement is cut off at 45 s. */
export const LONG: Size = { timeoutSeconds: 900, memoryMegabytes: 1024 };
/** Carries rows, and stops by itself before the deadline. */
export const CARRIER: Size = { timeoutSeconds: 900, memoryMegabytes: 1769 };
