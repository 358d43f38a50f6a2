import { LOGINS } from '../../contract/logins';
import type { Problem } from '../errors';
import { endsOf, type Facts, type LockHolder, type Pair } from './facts';

/** Refuses locks, held for minutes, that a guard or a capture would wait for: each of its lock attempts lasts 400 ms. */
export const longTransactions = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair).flatMap(({ side, name }) => {
    const seen = LOGINS.flatMap((login) => [...(facts[side].logins[login].lockHolders.get(name) ?? [])]);
    const holders = new Map(seen.map((holder) => [holder.pid, holder]));
    return [...holders.values()].map((holder) => ({
      check: 'long-transactions',
      subject: `${side} table ${name}`,
      found: `${nameOf(holder)} holds a ${holder.mode} in a transaction of ${Math.floor(holder.ageSeconds / 60)} minutes`,
      remedy: `Wait for it to end, or SELECT pg_terminate_backend(${holder.pid})`,
    }));
  });

const nameOf = ({ pid, login, backend, state }: LockHolder): string =>
  backend === 'client backend' ? `session ${pid} of ${login} (${state})` : `${backend} ${pid}`;
