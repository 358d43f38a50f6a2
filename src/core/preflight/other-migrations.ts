import type { Problem } from '../errors';
import { endsOf, type Facts, type Pair } from './facts';

/** No other migration guards the tables, and this one only as the side that they are on. */
export const otherMigrations = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair).flatMap(({ side, name, table: { guardedBy } }) => {
    if (guardedBy === null) return [];
    const isOurs = guardedBy.migration === facts.definition.name;
    if (isOurs && (guardedBy.side ?? side) === side) return [];
    return [
      {
        check: 'other-migrations',
        subject: `${side} table ${name}`,
        found: isOurs
          ? `the migration has its guard (trigger sluice_guard) on it as its ${guardedBy.side}`
          : `migration ${guardedBy.migration} has its guard (trigger sluice_guard) on it`,
        remedy: `finish or abort migration ${guardedBy.migration}; if that is over, drop the triggers sluice_guard and sluice_guard_truncate`,
      },
    ];
  });
