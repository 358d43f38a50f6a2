import type { Step } from '../../src/contract/lifecycle';

/** A row that cannot be compiled. */
export class RowRefused extends Error {
  override readonly name = 'RowRefused';

  constructor({ id, kind }: Step, problem: string) {
    super(`The ${kind} step ${id} cannot be compiled: ${problem}`);
  }
}
