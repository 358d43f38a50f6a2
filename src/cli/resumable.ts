import { captureLostMessage, isFinished } from '../core/execution/run-stage';
import type { MigrationRecord } from '../core/ledger';
import { CommandFailed } from './failures';

/** Refuses early, without an execution; the state machine checks the same. */
export function assertResumable(
  migration: string,
  record: MigrationRecord | null,
): asserts record is MigrationRecord {
  if (record === null)
    throw new CommandFailed(
      `migration ${migration} was never started here. Start it: npx sluice start ${migration}`,
    );
  switch (record.status) {
    case 'running':
    case 'held':
      if (record.captureLost !== null && !isFinished(record, 'seal'))
        throw new CommandFailed(captureLostMessage(migration, record.captureLost));
      return;
    case 'aborting':
      throw new CommandFailed(
        `migration ${migration} is being aborted (${record.reason ?? 'no reason given'}). Finish the abort: npx sluice abort ${migration} --reason …`,
      );
    case 'aborted':
      throw new CommandFailed(
        `migration ${migration} was aborted. Start it again: npx sluice start ${migration}`,
      );
    case 'done':
      throw new CommandFailed(
        `migration ${migration} is done: the target serves writes, and nothing is left to do`,
      );
  }
}
