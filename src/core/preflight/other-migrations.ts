import type { Problem } from '../errors';
import { endsOf, type Facts, type Pair } from './facts';

/** Requires that no other migration guards the tables, and that this one guards them only as their own side. */
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
          ? `this migration guards it (trigger sluice_guard) as its ${guardedBy.side}`
          : `migration ${guardedBy.migration} guards it (trigger sluice_guard)`,
        remedy: `Finish or abort migration ${guardedBy.migration}. If it has ended, drop the triggers sluice_guard and sluice_guard_truncate`,
      },
    ];
  });
