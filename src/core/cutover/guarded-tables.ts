import { traitsOf } from '../../contract/lifecycle';
import type { Role } from '../../contract/lifecycle';
import { InconsistentLedger, VerificationFailed } from '../errors';
import { parseTableName, quoteTable, type TableName } from '../identifier';
import type { StageContext } from '../world';

const ROLES: readonly Role[] = ['from', 'to'];

/**
 * Makes sure that the guards of both ends cover exactly the tables that move: a table without a guard would take writes that
 * are lost, and the fence would close a table that does not move.
 * @throws InconsistentLedger with both lists
 */
export async function assertGuarded(context: StageContext): Promise<void> {
  const tables = await movedTables(context);
  await Promise.all(ROLES.map((role) => assertGuardedAt(context, role, tables[role])));
}

/**
 * Makes sure that neither the guard's triggers at the receiving end nor the structure of its tables were changed since it was
 * darkened: its rows may then not be those that were compared.
 * @throws VerificationFailed with every change
 */
export async function assertReceiverUntouched({ control, flow, run }: StageContext): Promise<void> {
  const name = { owner: await control.owner(), migration: run.migration };
  const changes = await flow.to.guard.guardChanges(name);
  if (changes.length === 0) return;
  throw new VerificationFailed(
    `tables of the ${flow.to.side} of migration ${run.migration} were changed by another login since it was closed: ${changes.join(', ')}. Its rows may no longer be those of the ${flow.from.side}. Abort, and start again`,
  );
}

async function assertGuardedAt(
  { control, flow, run }: StageContext,
  role: Role,
  moved: readonly TableName[],
): Promise<void> {
  const { guard, side } = flow[role];
  const name = { owner: await control.owner(), migration: run.migration };
  const [wanted, guarded] = [namesOf(moved), namesOf(await guard.guardedTables(name))];
  if (wanted === guarded) return;
  throw new InconsistentLedger(
    `the guard of the ${side} of migration ${run.migration} covers ${guarded || 'no table'}, but generation ${run.generation} moves ${wanted}. Nothing was fenced. Abort, and start again`,
  );
}

/** Shapes that fence first have no plan yet, so their tables are the definition's. */
async function movedTables({
  control,
  run,
  flow,
  definition,
}: StageContext): Promise<Readonly<Record<Role, readonly TableName[]>>> {
  if (traitsOf(run.shape).fences === 'first') {
    const named = (role: Role) =>
      definition.tables.map((mapping) => parseTableName(mapping[flow[role].side])!);
    return { from: named('from'), to: named('to') };
  }
  const planned = await control.chunks.tables(run.migration, run.generation);
  return { from: planned.map(({ layout }) => layout.from), to: planned.map(({ layout }) => layout.to) };
}

const namesOf = (tables: readonly TableName[]): string => tables.map(quoteTable).sort().join(', ');
