import type { Side } from '../../contract/sides';
import type { Problem } from '../errors';
import { describeGuard } from './describe-guard';
import type { FoundGuard } from './ports';

/** States of each side's guard in a forward generation. */
const STATES: Readonly<Record<Side, readonly string[]>> = {
  source: ['open', 'fenced', 'sealed'],
  target: ['open', 'dark', 'revoked'],
};

/** The guards of a migration that were not removed; null for a side without one. */
export type GuardPair = Readonly<Record<Side, FoundGuard | null>>;

/**
 * The side that served the application in a forward generation, according to its guards alone. A dark target has never served in
 * this generation, so the source may open; an open target serves only if the source is closed.
 * @returns a problem if both sides could be open, or if the guards do not say
 */
export function servingSideOf(guards: GuardPair): Side | Problem {
  const { source, target } = guards;
  const unexpected = (['source', 'target'] as const).filter(
    (side) => guards[side] !== null && !STATES[side].includes(guards[side].state),
  );
  if (unexpected.length > 0)
    return undecided(guards, `${unexpected.join(' and ')} cannot be in this state in a forward generation`);
  if (target === null)
    return source?.state === 'open' || source?.expired === true
      ? 'source'
      : undecided(guards, 'the target may serve, because Sluice was removed from it');
  if (target.state !== 'open') return 'source';
  if (source?.state === 'sealed' && target.leases > 0) return 'target';
  // Before the plan the target is open because it is not dark yet.
  if (source?.state === 'open' && target.leases === 0) return 'source';
  return undecided(guards, 'both sides accept writes, or will when the fence expires');
}

const undecided = (guards: GuardPair, why: string): Problem => ({
  check: 'one-writer',
  subject: 'guards',
  found: `${why} (source: ${textOf(guards.source)}; target: ${textOf(guards.target)})`,
  remedy:
    'Find out which database the application writes to, and whether the other one has writes that this one lacks. Close the other one to the application, then release its guards with npx sluice forget, which keeps every row',
});

const textOf = (guard: FoundGuard | null): string => (guard === null ? 'no guard' : describeGuard(guard));
