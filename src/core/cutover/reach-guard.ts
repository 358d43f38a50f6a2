import { FencedOut, WrongState } from '../errors';
import type { Guard, GuardChange } from '../ports';

/**
 * Brings a guard to a state. Another invocation of the same step may be quicker, under a newer epoch: then it is there, and
 * whether this run may go on is the ledger's to say.
 * @throws FencedOut if a newer epoch rules, @throws WrongState if the change does not start from the guard's state; and the
 * guard is elsewhere
 */
export async function reachGuard(
  guard: Pick<Guard, 'setGuard' | 'readGuard'>,
  change: GuardChange & { readonly state: 'dark' | 'sealed' | 'open' },
): Promise<void> {
  try {
    await guard.setGuard(change);
  } catch (error) {
    if (!(error instanceof FencedOut || error instanceof WrongState)) throw error;
    if ((await guard.readGuard(change.migration))?.state !== change.state) throw error;
  }
}
