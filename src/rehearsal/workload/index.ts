/** The types that a migration's `workload.ts` uses. */
export type { Action, OwnedRows, Row, SharedRows, Value, Values, Workload, Writer } from './workload';
