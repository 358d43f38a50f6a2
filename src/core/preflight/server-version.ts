import type { Problem } from '../errors';
import { type Facts, reachableSides } from './facts';

const VERSION_MIN = 140_000;
const VERSION_BEYOND = 190_000;

/** Requires PostgreSQL 14 to 18, the versions that Sluice supports. The target may be older than the source. */
export const serverVersion = (facts: Facts): Problem[] =>
  [...reachableSides(facts)]
    .filter(({ server }) => server.version < VERSION_MIN || server.version >= VERSION_BEYOND)
    .map(({ side, server }) => ({
      check: 'server-version',
      subject: side,
      found: `the server runs PostgreSQL ${Math.floor(server.version / 10_000)} (${server.version})`,
      remedy: 'Use PostgreSQL 14 to 18',
    }));
