import { MIGRATION } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import { HistoryFull } from '../errors';

/**
 * Ends an execution before its history is full, at a point where a new one can continue.
 * @throws HistoryFull
 */
export function failIfHistoryFull({ execution, events }: Run): void {
  if (events <= MIGRATION.eventBudget) return;
  throw new HistoryFull(
    `the history of ${execution} has about ${events} events, and Step Functions ends an execution at 25,000. Resume the migration: a new execution continues from here. Sync keeps running`,
  );
}
