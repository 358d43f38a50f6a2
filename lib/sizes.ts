import type { FunctionName } from '../src/contract/names';

export interface Size {
  readonly timeoutSeconds: number;
  /** Memory buys processor time: 1,769 MB is one whole virtual CPU. */
  readonly memoryMegabytes: number;
}

/** Only the ledger is touched, or a handful of statements with short locks. */
const QUICK: Size = { timeoutSeconds: 120, memoryMegabytes: 512 };
/** Statements whose duration follows the number of tables or their size; one statement is cut off at 45 s. */
const LONG: Size = { timeoutSeconds: 900, memoryMegabytes: 1024 };
/** Carries rows, and stops by itself before the deadline. */
const CARRIER: Size = { timeoutSeconds: 900, memoryMegabytes: 1769 };

export const SIZES: Readonly<Record<FunctionName, Size>> = {
  begin: QUICK,
  preflight: LONG,
  prepare: LONG,
  startCapture: LONG,
  fenceSource: LONG,
  plan: LONG,
  nextWave: LONG,
  copyChunk: CARRIER,
  verifyChunk: CARRIER,
  judge: LONG,
  nextSync: QUICK,
  applyChanges: CARRIER,
  catchUp: QUICK,
  drain: LONG,
  verifyFenced: CARRIER,
  cancelFence: LONG,
  seal: LONG,
  flip: QUICK,
  openTarget: LONG,
  stopCapture: LONG,
  recordFailure: QUICK,
  revoke: LONG,
  undo: LONG,
};
