import type { Problem } from '../errors';
import { parseTableName } from '../identifier';
import { endsOf, type Facts, type Pair, type RegisteredGuard, type TableEnd } from './facts';

/** Requires that no other guard has the tables: of another control plane, of another migration, or of this one's other side. */
export const otherMigrations = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair).flatMap((end) => {
    const registered = registeredOver(end, facts);
    return registered ? [registeredProblem(end, registered, facts)] : triggerProblems(end, facts);
  });

function registeredOver({ side, name }: TableEnd, facts: Facts): RegisteredGuard | undefined {
  const table = parseTableName(name);
  return facts[side].guards.find(
    (guard) =>
      guard.table.schema === table?.schema &&
      guard.table.name === table.name &&
      !(guard.owner === facts.owner && guard.migration === facts.definition.name && guard.side === side),
  );
}

function registeredProblem(
  { side, name }: TableEnd,
  guard: RegisteredGuard,
  { owner, environment }: Facts,
): Problem {
  const isOurs = guard.owner === owner;
  return {
    check: 'other-migrations',
    subject: `${side} table ${name}`,
    found: `control plane ${guard.owner}, environment ${guard.environment}, guards it as the ${guard.side} of migration ${guard.migration}: generation ${guard.generation}, ${guard.state}`,
    remedy: isOurs
      ? `Finish or abort migration ${guard.migration}. If it is finished, remove its guard as the runbook describes`
      : `Finish or abort migration ${guard.migration} in environment ${guard.environment}; environment ${environment}, control plane ${owner}, may not touch its tables. If that control plane no longer exists, remove its guard as the runbook describes`,
  };
}

/** A guard's triggers may be there although the login may not read which guards are registered, or schema sluice is gone. */
function triggerProblems({ side, name, table: { guardedBy } }: TableEnd, facts: Facts): Problem[] {
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
}
