import type { Problem } from '../errors';
import { type Facts, reachableSides } from './facts';

/** Requires that both ends accept writes: even the source gets triggers. */
export const serverWritable = (facts: Facts): Problem[] =>
  [...reachableSides(facts)]
    .filter(({ server }) => server.inRecovery)
    .map(({ side }) => ({
      check: 'server-writable',
      subject: side,
      found: 'the server is in recovery: a reader or a secondary region',
      remedy:
        'Give the ARN of the cluster whose writer owns the tables, or wait until its recovery has ended',
    }));
