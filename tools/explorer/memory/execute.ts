import { applicationRequest } from './application';
import { ledgerOperation } from './ledger';
import { sourceStatement } from './source';
import type { Effect, Request, State } from './state';
import { targetStatement } from './target';

/** Executes one request atomically. Null: it waits for a lock, or for a side that accepts it. */
export function execute(state: State, request: Request): Effect | null {
  switch (request.at) {
    case 'source':
      return sourceStatement(state, request);
    case 'target':
      return targetStatement(state, request);
    case 'ledger':
      return ledgerOperation(state, request);
    case 'application':
      return applicationRequest(state, request);
    case 'clock':
      throw new Error('a pause changes nothing and is not executed');
  }
}

const READS = new Set([
  'readPage',
  'digest',
  'boundaries',
  'lastKey',
  'captures',
  'dirtyPartitions',
  'depth',
  'readDirty',
  'readGuard',
  'readLease',
  'readSkipped',
  'touches',
  'placeKeys',
  'get',
  'query',
]);

/** Whether a request is a read, which changes nothing however it is delivered. */
export const isRead = ({ op }: Request): boolean => READS.has(op);
