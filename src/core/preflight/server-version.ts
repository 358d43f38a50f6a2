import type { Problem } from '../errors';
import { type Facts, reachableSides } from './facts';

const VERSION_MIN = 140_000;
const VERSION_BEYOND = 190_000;

/** PostgreSQL 14 to 18: what the statements of Sluice were written for. An older target than the source is fine. */
export const serverVersion = (facts: Facts): Problem[] =>
  [...reachableSides(facts)]
    .filter(({ server }) => server.version < VERSION_MIN || server.version >= VERSION_BEYOND)
    .map(({ side, server }) => ({
      check: 'server-version',
      subject: side,
      found: `PostgreSQL ${Math.floor(server.version / 10_000)} (${server.version})`,
      remedy: 'use PostgreSQL 14 to 18',
    }));
