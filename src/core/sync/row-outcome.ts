import type { Applied } from '../ports';

/** `unknown`: the write was executed but its response was lost, or the row changed while it was being read. */
export type RowOutcome = Applied | 'unknown';
