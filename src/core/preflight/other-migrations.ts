import type { Problem } from '../errors';
import { endsOf, type Facts, type Pair } from './facts';

/** No other migration guards the tables. */
export const otherMigrations = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair)
    .filter(({ table }) => table.guardedBy !== null && table.guardedBy !== facts.definition.name)
    .map(({ side, name, table }) => ({
      check: 'other-migrations',
      subject: `${side} table ${name}`,
      found: `migration ${table.guardedBy} has its guard (trigger sluice_guard) on it`,
      remedy: `finish or abort migration ${table.guardedBy}; if that is over, drop the triggers sluice_guard and sluice_guard_truncate`,
    }));
