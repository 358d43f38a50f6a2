import type { Problem } from '../errors';
import { type Facts, reachableSides } from './facts';

/** Requires UTF8 on both ends, so that text keeps its meaning. */
export const encoding = (facts: Facts): Problem[] =>
  [...reachableSides(facts)]
    .filter(({ server }) => server.encoding !== 'UTF8')
    .map(({ side, server }) => ({
      check: 'encoding',
      subject: `${side} database ${server.database}`,
      found: `its encoding is ${server.encoding}`,
      remedy: 'Use a database with ENCODING UTF8',
    }));
