import { SIDES } from '../../contract/sides';
import { writesText } from '../../contract/writes';
import type { AdoptionPlan, Found } from './adoption';

/** Sentences about what an adoption would do, for the person who decides. */
export function effectsOf(found: Found, plan: Omit<AdoptionPlan, 'kind' | 'effects'>): string[] {
  return [
    ...takenFrom(found, plan),
    ...ledgerEffects(found, plan),
    ...plan.guards.map(guardEffect(plan)),
    ...(plan.guards.length === 0 ? [NO_GUARDS] : []),
    outcome(found, plan),
  ];
}

const NO_GUARDS =
  'Neither database has a guard that says which side serves. Make sure that the application writes to the side that the record names, and that no later generation moved it.';
const FREEZES =
  'Freezes the deployed definition in it, which must name the tables and databases that the lost ledger used.';

/** One sentence for each control plane that loses the migration. */
function takenFrom({ owner, migration }: Found, { guards }: Pick<AdoptionPlan, 'guards'>): string[] {
  const others = new Map<string, string[]>();
  for (const { side, seen } of guards) {
    if (seen.owner === owner) continue;
    const whose = `control plane ${seen.owner}, environment ${seen.environment || 'unknown'}`;
    others.set(whose, [...(others.get(whose) ?? []), side]);
  }
  return [...others].map(
    ([whose, sides]) =>
      `Takes migration ${migration} from ${whose}, which has the guards of: ${sides.sort().join(', ')}. If that control plane still exists, each of its later calls is refused: stop its execution, and use it no more for this migration.`,
  );
}

function ledgerEffects(
  { record, migration, owner, changedEnds }: Found,
  { generation, epoch, isNewGeneration }: Pick<AdoptionPlan, 'generation' | 'epoch' | 'isNewGeneration'>,
): string[] {
  if (record === null)
    return [`Creates a record of migration ${migration}: generation ${generation}, epoch ${epoch}.`, FREEZES];
  return [
    ...(isNewGeneration
      ? [
          `Replaces the record (generation ${record.generation}, ${record.status}, writes ${record.writes}) with one of generation ${generation}, ${changedEnds.length > 0 && generation > record.generation ? 'over the databases that the deployed definition names. The others, which the record named, stay as they are' : 'which the ledger does not know'}.`,
          FREEZES,
        ]
      : []),
    ...(record.owner === owner
      ? []
      : [
          `Takes the record, which was restored from a backup of control plane ${record.owner}, for this one, ${owner}.`,
        ]),
    `Raises the epoch of the record from ${record.epoch} to ${epoch}, so that every call of an earlier execution is older.`,
    ...(record.execution === null ? [] : [`Execution ${record.execution} no longer owns the migration.`]),
  ];
}

const guardEffect =
  ({ generation, epoch }: Pick<AdoptionPlan, 'generation' | 'epoch'>) =>
  ({ side, seen }: AdoptionPlan['guards'][number]): string =>
    `The guard of the ${side} stays ${seen.state} and moves from generation ${seen.generation}, epoch ${seen.epoch}, to generation ${generation}, epoch ${epoch}.`;

function outcome(
  { migration, environment, record, sides }: Found,
  { adopted }: Pick<AdoptionPlan, 'adopted'>,
): string {
  const isFlipNew = adopted.writes === 'target' && record !== null && record.writes !== 'target';
  const remains = SIDES.some((side) => sides[side].guards.some(({ captures }) => captures > 0));
  const next = {
    aborted: `npx sluice start ${migration} --env ${environment} starts it again`,
    done: `the target serves, and nothing is left to do${isFlipNew ? '; the record did not know the flip' : ''}${remains ? '; the captures stay on the sealed source' : ''}`,
    held:
      adopted.writes === 'target'
        ? `the flip is recorded, so npx sluice resume ${migration} --env ${environment} finishes the move`
        : `only npx sluice abort ${migration} --env ${environment} is possible, because what the ledger knew about the copied rows is lost`,
  }[adopted.status as 'aborted' | 'done' | 'held'];
  return `The migration is then ${adopted.status}, writes are ${writesText(adopted.writes)}: ${next}. No row of the application changes, and no guard opens or closes.`;
}
