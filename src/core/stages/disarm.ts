import { SUPERSEDED_ERRORS } from '../../contract/errors';
import { MIGRATION } from '../../contract/lifecycle';
import { asOwningRun } from '../authority';
import type { StageContext } from '../world';

export interface DisarmVerdict {
  /** `wait`: a table could not be locked; try again later. */
  readonly verdict: 'done' | 'wait';
}

/**
 * Drops the triggers of the receiving end's guard, which let every row pass since it was opened, but cost time for each. A table that
 * cannot be locked keeps them, as if the guard were not disarmed yet: the migration is done, so no error fails its execution.
 * @throws WrongState if the run no longer owns the migration
 */
export async function disarm(context: StageContext): Promise<DisarmVerdict> {
  const { control, flow, run } = context;
  const { migration, generation, events } = run;
  try {
    await asOwningRun(context, (authority) => flow.to.guard.disarm(authority));
    await control.journal.append(migration, generation, 'guard disarmed', { side: flow.to.side });
    return { verdict: 'done' };
  } catch (error) {
    if (!(error instanceof Error) || SUPERSEDED_ERRORS.includes(error.name)) throw error;
    if (events <= MIGRATION.eventBudget) return { verdict: 'wait' };
    await control.journal.append(migration, generation, 'guard left armed', {
      side: flow.to.side,
      error: error.name,
    });
    return { verdict: 'done' };
  }
}
