import type { Problem } from '../errors';
import { type Facts, reachableSides } from './facts';

/** Both ends take writes: the source is fenced by triggers. */
export const serverWritable = (facts: Facts): Problem[] =>
  [...reachableSides(facts)]
    .filter(({ server }) => server.inRecovery)
    .map(({ side }) => ({
      check: 'server-writable',
      subject: side,
      found: 'the server is in recovery: a reader or a secondary region',
      remedy:
        'give the ARN of the cluster whose writer owns the tables, and wait until it is out of recovery',
    }));
