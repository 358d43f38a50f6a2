/** What a migration's `workload.ts` is written against. */
export type { Action, OwnedRows, Row, SharedRows, Value, Values, Workload, Writer } from './workload';
