import { SIDES, type Side } from '../../contract/sides';
import { UNKNOWN_CODE } from '../../contract/versions';
import { databaseName, isSameDatabase } from '../definition/same-database';
import { FencedOut, WrongState } from '../errors';
import { generationStart } from '../execution/generation-start';
import type { GenerationStart, MigrationRecord } from '../ledger';
import type { AdoptionDecision, AdoptionPlan, Found } from './adoption';
import { planAdoption } from './adoption-plan';
import type { AdoptedRecord } from './ports';
import type { OwnershipWorld } from './world';

/** Reads both databases and the ledger, and decides what an adoption would do. Changes nothing. */
export async function decideAdoption(
  world: OwnershipWorld,
): Promise<{ readonly found: Found; readonly decision: AdoptionDecision }> {
  const { control, definition, environment, guards } = world;
  const migration = definition.name;
  const [source, target] = [await guards.source.find(migration), await guards.target.find(migration)];
  // The ledger is read last: what a running cutover has recorded is then never older than its guards.
  const [owner, record] = [await control.owner(), await control.record(migration)];
  const deployed = await world.deployed();
  const changedEnds = record === null ? [] : await changedEndsOf(world, record, deployed);
  const { shape } = definition;
  const found = {
    migration,
    environment,
    owner,
    record,
    shape,
    deployed: { source: databaseName(deployed.source), target: databaseName(deployed.target) },
    changedEnds,
    sides: { source, target },
  };
  return { found, decision: planAdoption(found) };
}

/**
 * Gives the guards to this control plane as planned: first the ledger's epoch is raised above theirs, then each guard changes. It
 * refuses if anything has changed since it was planned. If it was interrupted, decide and adopt again.
 * @throws WrongState if the record has changed; nothing was changed then
 * @throws FencedOut if a guard has changed; guards before it in the plan may be adopted already
 */
export async function adopt(world: OwnershipWorld, plan: AdoptionPlan, person: string): Promise<void> {
  const { control, definition, environment } = world;
  const migration = definition.name;
  const { generation, epoch, seen } = plan;
  const owner = await control.owner();
  for (const side of plan.installed) await world.guards[side].install(await world.logins(side));
  const start = await recordAdoption(world, plan, person);
  const evidence = {
    ...{ person, owner, epoch, guards: evidenceOf(plan), before: beforeOf(seen) },
    ...(start === null ? {} : { definition: start.definition.hash }),
  };
  await control.journal.append(migration, generation, 'adoption decided', evidence);
  const authority = { owner, migration, generation, epoch };
  for (const { side, seen: guard } of plan.guards)
    await world.guards[side].adopt(authority, environment, guard);
  if (plan.adopted.writes === 'target') await control.setRoute(migration, 'target', epoch);
  await control.journal.append(migration, generation, 'adopted', evidence);
  if (!(await control.adoptions.finish(migration, epoch)))
    throw new FencedOut(
      `another adoption of migration ${migration} was decided during this one. Run npx sluice adopt again`,
    );
}

/** @returns attributes of the generation if the ledger did not know it */
async function recordAdoption(
  world: OwnershipWorld,
  plan: AdoptionPlan,
  person: string,
): Promise<GenerationStart | null> {
  const { control, definition } = world;
  const { seen, generation, epoch } = plan;
  const reason = plan.adopted.status === 'done' ? null : `${person} adopted the migration`;
  const adopted: AdoptedRecord = { ...plan.adopted, generation, epoch, reason };
  const start = plan.isNewGeneration ? await startOf(world) : null;
  const isRecorded =
    seen === null
      ? start !== null && (await control.adoptions.create(definition.name, adopted, start))
      : await control.adoptions.decide(seen, adopted, start);
  if (!isRecorded)
    throw new WrongState(
      `the record of migration ${definition.name} has changed since it was shown; nothing was changed. Run npx sluice adopt again`,
    );
  return start;
}

/**
 * Freezes the deployed definition for a generation that another ledger started. That ledger is lost, and with it the code that ran
 * the generation: it can be aborted, or it is done.
 */
const startOf = (world: OwnershipWorld): Promise<GenerationStart> =>
  generationStart(world, {
    migration: world.definition.name,
    code: UNKNOWN_CODE,
    syncMachine: UNKNOWN_CODE,
    startedAt: new Date(world.clock.now()).toISOString(),
  });

/** Sides at which the deployed definition has another database than the one that the record's generation was started with. */
async function changedEndsOf(
  world: OwnershipWorld,
  record: MigrationRecord,
  deployed: Awaited<ReturnType<OwnershipWorld['deployed']>>,
): Promise<readonly Side[]> {
  const frozen = await world.control.definitions.read(record.migration, record.definition);
  return SIDES.filter((side) => !isSameDatabase(frozen[side], deployed[side]));
}

const evidenceOf = ({ guards }: AdoptionPlan) =>
  Object.fromEntries(
    guards.map(({ side, seen: { owner, environment, generation, epoch, state } }) => [
      side,
      { owner, environment, generation, epoch, state },
    ]),
  );

const beforeOf = (seen: AdoptionPlan['seen']) =>
  seen === null
    ? null
    : { generation: seen.generation, epoch: seen.epoch, status: seen.status, writes: seen.writes };
