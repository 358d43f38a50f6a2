/** The API for a migration's `workload.ts`. */
export type { Action, OwnedRows, Row, SharedRows, Value, Values, Workload, Writer } from './workload';
