import type { Problem } from '../errors';
import { type Facts, reachableSides } from './facts';

/** Text is the same text on both ends. */
export const encoding = (facts: Facts): Problem[] =>
  [...reachableSides(facts)]
    .filter(({ server }) => server.encoding !== 'UTF8')
    .map(({ side, server }) => ({
      check: 'encoding',
      subject: `${side} database ${server.database}`,
      found: `encoding is ${server.encoding}`,
      remedy: 'use a database with ENCODING UTF8',
    }));
