import { ERRORS } from '../../contract/errors';
import { stagesOf, traitsOf } from '../../contract/lifecycle';
import type { DeployedCode, Input, Run } from '../../contract/payloads';
import { INSTALLED_VERSION } from '../../contract/versions';
import { rolesOf, type Direction } from '../../contract/sides';
import { differencesOf } from '../definition/definition-differences';
import {
  changedFunctionsOf,
  changedRowFunctions,
  freezeDefinition,
  type FrozenDefinition,
} from '../definition/frozen-definition';
import { assertLedgerIsOriginal } from '../assert-ledger-is-original';
import { AlreadyRunning, WrongState } from '../errors';
import type {
  ChunkRecord,
  DefinitionDifferences,
  Difference,
  GenerationStart,
  MigrationRecord,
} from '../ledger';
import { reopenChunks } from '../backfill/reopen-chunks';
import { FRESH, generationStart, type Deployed, type StartWorld } from './generation-start';
import { isFinished, captureLostMessage } from './run-stage';
import { isStillRunning } from './is-still-running';
import { pauseForUpgrade } from './upgrade';
import type { World } from '../world';

/** Every migration starts by moving its rows to the target. */
const FIRST: Direction = 'forward';

/** Differences that the record and the journal name; an item has room for these. */
const DIFFERENCES_SHOWN = 50;

/** The part of the world that a claim needs: its ends are opened afterwards, with the frozen definition. */
export interface ClaimWorld
  extends Pick<World, 'control' | 'clock' | 'isRunning' | 'stop'>, Pick<StartWorld, 'deployed'> {}

/** An execution that claims the migration, and the code that it runs. */
export type Claim = Input<'claimMigration'>;

/**
 * Claims the migration for an execution: a new migration, one whose earlier execution failed or died, or a new generation
 * after an abort. A new generation freezes the deployed definition; a resumed one continues with its own, and retries what
 * failed before. A generation continues with the code that it records, unless the claim replaces it with the deployed code.
 * @throws AlreadyRunning while the execution that owns it runs
 * @throws RestoredLedger if its record is in a copy of the control table
 * @throws WrongState if it is done, is being aborted, or cannot continue with the claim's code
 */
export async function claimMigration(world: ClaimWorld, claim: Claim): Promise<Run> {
  const { control } = world;
  const { migration, execution } = claim;
  const found = await control.record(migration);
  const first = found === null ? await startFirst(world, claim) : null;
  if (first !== null) return first;
  // Another execution may have created the record in the meantime.
  const seen = found ?? (await control.recordOrFail(migration));
  await assertLedgerIsOriginal(control, seen);
  if (seen.execution === execution) {
    // This call is a repeat: the first one may have been interrupted after its claim.
    if (seen.status === 'running') await retryFailedChunks(world, seen);
    return runOf(seen, execution);
  }
  failIfEnded(seen);
  failIfStartedEarlier(seen, claim);
  if (seen.status !== 'aborted' && seen.code !== claim.code) return continueWithOtherCode(world, claim, seen);
  await failIfRunning(world, seen);
  return seen.status === 'aborted' ? startNext(world, claim, seen) : resume(world, claim, seen);
}

/** Null if the record exists. */
async function startFirst(world: ClaimWorld, claim: Claim): Promise<Run | null> {
  const { control } = world;
  const start = await generationStart(world, claim);
  if (!(await control.create(claim.migration, claim.execution, start))) return null;
  await control.journal.append(claim.migration, 1, 'started', startEvidence(claim, start));
  return runOf(
    { migration: claim.migration, generation: 1, direction: FIRST, shape: start.shape },
    claim.execution,
  );
}

async function startNext(world: ClaimWorld, claim: Claim, seen: MigrationRecord): Promise<Run> {
  const { control } = world;
  const start = await generationStart(world, claim);
  const generation = seen.generation + 1;
  const taken = await control.takeOver(seen, claim.execution, {
    ...FRESH,
    ...start,
    generation,
    direction: FIRST,
    stage: null,
    writes: rolesOf(FIRST).from,
  });
  await control.journal.append(claim.migration, generation, 'started', {
    ...startEvidence(claim, start),
    afterAbortOf: seen.generation,
  });
  return runOf(taken, claim.execution);
}

const codeOf = ({ code, syncMachine }: Claim): DeployedCode => ({ code, syncMachine });

const startEvidence = ({ execution }: Claim, { definition, code, installed }: GenerationStart) => ({
  ...{ execution, definition: definition.hash, code, installed },
});

/** Continues a generation with its frozen definition. */
async function resume(world: ClaimWorld, claim: Claim, seen: MigrationRecord): Promise<Run> {
  const { control } = world;
  const { migration, execution } = claim;
  failIfCaptureLost(seen);
  const differences = await differencesAtResume(world, seen);
  const taken = await control.takeOver(seen, execution, { runStartedAt: claim.startedAt, differences });
  await control.journal.append(migration, seen.generation, 'resumed', {
    ...{ execution, before: seen.execution, reason: seen.reason, code: claim.code },
    ...(differences === null ? {} : { differences }),
  });
  await retryFailedChunks(world, seen);
  return runOf(taken, execution);
}

/** Refuses the claim, or upgrades the generation to its code. Its definition stays frozen. */
async function continueWithOtherCode(world: ClaimWorld, claim: Claim, seen: MigrationRecord): Promise<Run> {
  const { control } = world;
  const { execution, code, continueWith } = claim;
  if (continueWith !== 'deployed') {
    failIfCaptureLost(seen);
    throw new WrongState(otherCodeMessage(seen, code));
  }
  const frozen = await control.definitions.read(seen.migration, seen.definition);
  const deployed = await deployedOrProblem(world);
  const paused = await pauseForUpgrade(world, { seen, frozen, deployed: deployed.definition }, claim);
  const taken = await control.takeOver(paused, execution, {
    ...codeOf(claim),
    stages: stagesOf(seen.shape),
    // Until it is prepared, a generation can install the functions of this code instead.
    installed: isFinished(paused, 'prepare') ? paused.installed : INSTALLED_VERSION,
    runStartedAt: claim.startedAt,
    differences: summaryOf(differencesOfDeployed(frozen, deployed)),
    // The next execution of Sync finds its role free, and one of the earlier code does not take it again.
    sync: null,
  });
  await control.journal.append(seen.migration, seen.generation, 'upgraded', {
    ...{ execution, before: seen.execution },
    ...{ fromCode: seen.code, toCode: code },
  });
  await retryFailedChunks(world, paused);
  return runOf(taken, execution);
}

const otherCodeMessage = ({ migration, generation, code }: MigrationRecord, other: string): string =>
  `generation ${generation} of migration ${migration} runs code version ${code}, and this execution runs ${other}. Continue with ${code}: npx sluice resume ${migration}. Or move it to the deployed version: npx sluice upgrade ${migration}`;

/**
 * Compares the deployed definition with the frozen one, which stays in effect.
 * @throws WrongState if rows still have to be computed by a row function that the deployment no longer has
 */
async function differencesAtResume(
  world: ClaimWorld,
  seen: MigrationRecord,
): Promise<DefinitionDifferences | null> {
  const frozen = await world.control.definitions.read(seen.migration, seen.definition);
  const deployed = await deployedOrProblem(world);
  const changed = changedFunctionsOf(frozen, deployed.definition);
  if (changed.length > 0 && !isFinished(seen, 'verify'))
    throw new WrongState(`migration ${seen.migration} cannot be resumed: ${changedRowFunctions(changed)}`);
  return summaryOf(differencesOfDeployed(frozen, deployed));
}

/** The deployed definition, or why there is none. */
type Found = Deployed | { readonly definition: null; readonly problem: string };

const deployedOrProblem = ({ deployed }: ClaimWorld): Promise<Found> =>
  deployed().catch((error: unknown) => ({ definition: null, problem: problemOf(error) }));

function differencesOfDeployed(frozen: FrozenDefinition, found: Found): readonly Difference[] {
  if (found.definition === null)
    return [{ path: 'definition', frozen: '"valid"', deployed: JSON.stringify(found.problem) }];
  const { definition, ...deployment } = found;
  return differencesOf(frozen, freezeDefinition(definition, deployment));
}

const summaryOf = (differences: readonly Difference[]): DefinitionDifferences | null =>
  differences.length === 0
    ? null
    : { count: differences.length, shown: differences.slice(0, DIFFERENCES_SHOWN) };

/** Name of the error with which the definition could not be loaded, and for Sluice's own errors what it found. */
const problemOf = (error: unknown): string => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return (Object.values(ERRORS) as string[]).includes(name) ? message.slice(0, 500) : name;
};

const runOf = (
  {
    migration,
    generation,
    direction,
    shape,
  }: Pick<MigrationRecord, 'migration' | 'generation' | 'direction' | 'shape'>,
  execution: string,
): Run => ({
  migration,
  generation,
  direction,
  execution,
  shape,
  events: 0,
});

/** A late claim: of an execution that started before the run that the record names. */
function failIfStartedEarlier(
  { migration, runStartedAt }: MigrationRecord,
  { execution, startedAt }: Claim,
): void {
  if (Date.parse(startedAt) >= Date.parse(runStartedAt)) return;
  throw new WrongState(
    `execution ${execution} started at ${startedAt}, before the latest run of migration ${migration} (${runStartedAt}); it has nothing to run`,
  );
}

function failIfEnded(seen: MigrationRecord): void {
  if (seen.status === 'done') {
    throw new WrongState(
      `migration ${seen.migration} is done: the ${seen.writes} serves writes; there is nothing to run`,
    );
  }
  if (seen.status === 'aborting') {
    throw new WrongState(
      `migration ${seen.migration} is being aborted; start it again when the abort has finished`,
    );
  }
}

/** A generation whose capture is lost can only be aborted, whatever code it runs. */
function failIfCaptureLost(seen: MigrationRecord): void {
  if (seen.captureLost !== null && !isFinished(seen, 'seal'))
    throw new WrongState(captureLostMessage(seen.migration, seen.captureLost));
}

async function failIfRunning(world: ClaimWorld, seen: MigrationRecord): Promise<void> {
  if (seen.execution !== null && (await isStillRunning(world, seen.execution)))
    throw new AlreadyRunning(seen.migration, seen.execution);
}

/**
 * Resets failed chunks, and reopens chunks that have refused rows or stayed unequal. A chunk whose copy was abandoned because of
 * refused rows starts over, because a copy that continues at its cursor would skip them.
 */
async function retryFailedChunks(
  { control }: Pick<World, 'control'>,
  { migration, generation, shape }: MigrationRecord,
): Promise<void> {
  const { chunks } = control;
  const records = await chunks.list(migration, generation);
  const doubtful = records.filter(traitsOf(shape).capturesChanges ? isAbandoned : needsNewCopy);
  await reopenChunks(control, { migration, generation }, doubtful, false);
  for (const record of records) {
    if (doubtful.includes(record)) continue;
    if (record.stalled === 0 && record.failure === null && !record.recopied) continue;
    await chunks.forgive({ migration, generation, table: record.table, chunk: record.chunk });
  }
}

const needsNewCopy = ({ state, skipped, comparison, orphans }: ChunkRecord): boolean =>
  state !== 'planned' && (skipped > 0 || comparison === 'unequal' || orphans > 0);

/** Where appliers write, they handle skipped rows, and an unequal chunk may just have been written to. */
const isAbandoned = ({ state, failure }: ChunkRecord): boolean =>
  state === 'open' && failure === ERRORS.rowsRefused;
