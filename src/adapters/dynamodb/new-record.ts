import { randomBytes } from 'node:crypto';
import { RECORD_FORMAT } from '../../contract/versions';
import { FRESH } from '../../core/execution/generation-start';
import type { GenerationStart, MigrationRecord } from '../../core/ledger';

/** Sort key of a migration's record. */
export const RECORD = 'migration';

/** Attributes of a migration's first record. */
export const newRecord = (
  owner: string,
  execution: string | null,
  start: GenerationStart,
): Omit<MigrationRecord, 'migration'> => ({
  ...FRESH,
  ...start,
  format: RECORD_FORMAT,
  owner,
  generation: 1,
  direction: 'forward',
  status: 'running',
  stage: null,
  writes: 'source',
  epoch: 0,
  cutoverAttempts: 0,
  fenceEpoch: null,
  execution,
  reason: null,
  salt: randomBytes(16).toString('hex'),
});
