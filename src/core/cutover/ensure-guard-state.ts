import { FencedOut, WrongState } from '../errors';
import type { Guard, GuardChange } from '../guard-ports';
import type { Authority } from '../ports';

/**
 * Ensures that a guard is in a state. Another invocation of the same step may have set it under a newer epoch; then the ledger
 * decides whether this run may continue.
 * @throws FencedOut if the guard has a newer epoch and another state
 * @throws WrongState if the change may not start from the guard's state
 */
export async function ensureGuardState(
  guard: Pick<Guard, 'setGuard' | 'readGuard'>,
  authority: Authority,
  change: GuardChange & { readonly state: 'dark' | 'sealed' | 'open' },
): Promise<void> {
  try {
    await guard.setGuard(authority, change);
  } catch (error) {
    if (!(error instanceof FencedOut || error instanceof WrongState)) throw error;
    if ((await guard.readGuard(authority))?.state !== change.state) throw error;
  }
}
