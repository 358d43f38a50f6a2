import { shapeNames, stagesOf } from '../../contract/lifecycle';
import { rolesOf } from '../../contract/sides';
import { SUPPORTED_VERSIONS } from '../../contract/versions';
import type { Definition } from '../definition/definition';
import {
  changedFunctionsOf,
  changedRowFunctions,
  type FrozenDefinition,
} from '../definition/frozen-definition';
import { AlreadyRunning, TransientFailure, WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { World } from '../world';
import { captureLostMessage, isFinished } from './run-stage';

/** How long an execution may take to end after it was stopped. */
const STOP_MS_MAX = 60_000;
const POLL_MS = 500;

export interface Upgrade {
  readonly execution: string;
  /** Code version that is to run the generation. */
  readonly code: string;
}

/** The parts that an upgrade compares: the generation's record and frozen definition, and the definition that the other code deploys. */
export interface Candidate {
  readonly seen: MigrationRecord;
  readonly frozen: FrozenDefinition;
  /** Null: the deployment has no valid definition, which only a row function would need. */
  readonly deployed: Definition | null;
}

/** Returns the reasons why other code cannot continue a generation. */
type Check = (candidate: Candidate) => readonly string[];

type UpgradeWorld = Pick<World, 'control' | 'clock' | 'isRunning' | 'stop'>;

/** Everything that the record and the code must agree on, in the terms of the code that is to continue. */
const CHECKS: readonly Check[] = [
  knownShape,
  sameFinishedStages,
  supportedFunctions,
  sameRowFunctions,
  intactCapture,
];

/**
 * Takes a generation from the executions that run its earlier code: first a hold, after which no cutover starts; then both executions
 * are stopped. Nothing is changed if the code cannot continue the generation. Safe to repeat.
 * @returns the record of the held generation
 * @throws WrongState with every reason why the generation cannot be upgraded
 */
export async function pauseForUpgrade(
  world: UpgradeWorld,
  candidate: Candidate,
  { execution, code }: Upgrade,
): Promise<MigrationRecord> {
  failUnlessUpgradable(candidate, code);
  const { seen } = candidate;
  const { control } = world;
  const reason = `an upgrade to code version ${code} by ${execution}`;
  if (seen.status === 'running' && !(await control.hold(seen, reason)))
    throw new TransientFailure(`migration ${seen.migration} changed while it was put on hold; read it again`);
  if (seen.execution !== null) await end(world, seen.execution, reason);
  const paused = await endSync(world, seen, reason);
  failUnlessHeld(seen, paused);
  return paused;
}

/** An abort or another upgrade may have taken the generation since the hold: then it decides. */
function failUnlessHeld(
  seen: MigrationRecord,
  { migration, generation, status, execution }: MigrationRecord,
) {
  if (status === 'held' && generation === seen.generation) return;
  if (status === 'running' && execution !== null) throw new AlreadyRunning(migration, execution);
  throw new WrongState(
    `migration ${migration} is ${status} in generation ${generation} since it was put on hold, so it was not upgraded. Check npx sluice status ${migration}`,
  );
}

/** Stops the execution of Sync, and the one that it may just have renewed itself as. @returns the record after that */
async function endSync(world: UpgradeWorld, seen: MigrationRecord, reason: string): Promise<MigrationRecord> {
  if (seen.sync !== null) await end(world, seen.sync, reason);
  const now = await world.control.recordOrFail(seen.migration);
  return now.sync === seen.sync ? now : endSync(world, now, reason);
}

function failUnlessUpgradable(candidate: Candidate, code: string): void {
  const { seen } = candidate;
  const problems = [...phaseProblems(seen), ...CHECKS.flatMap((check) => check(candidate))];
  if (problems.length === 0) return;
  const { migration, generation, code: recorded } = seen;
  throw new WrongState(
    `generation ${generation} of migration ${migration} cannot move from code version ${recorded} to ${code}, and nothing was changed:${problems.map((problem) => `\n- ${problem}`).join('')}\nContinue with the recorded version: npx sluice resume ${migration}`,
  );
}

/** From the fence on, only the code that decided the cutover finishes or cancels it. */
function phaseProblems({ writes, direction }: MigrationRecord): readonly string[] {
  const { from, to } = rolesOf(direction);
  if (writes === from) return [];
  return [
    writes === to
      ? `the ${to} serves writes: let the recorded version finish the generation`
      : `writes are ${writes}: wait until the cutover has finished or was cancelled, then upgrade`,
  ];
}

function knownShape({ seen: { shape } }: Candidate): readonly string[] {
  return shapeNames().includes(shape)
    ? []
    : [`it has shape '${shape}', which the deployed code does not have`];
}

function supportedFunctions({ seen: { installed } }: Candidate): readonly string[] {
  return SUPPORTED_VERSIONS.includes(installed)
    ? []
    : [
        `it installed functions of version ${installed} in the databases, and the deployed code calls versions ${SUPPORTED_VERSIONS.join(', ')}`,
      ];
}

/** Rows that were computed must stay comparable; after the verification no row is computed. */
function sameRowFunctions({ seen, frozen, deployed }: Candidate): readonly string[] {
  const isVerified = shapeNames().includes(seen.shape) && isFinished(seen, 'verify');
  const changed = isVerified ? [] : changedFunctionsOf(frozen, deployed);
  return changed.length === 0 ? [] : [changedRowFunctions(changed)];
}

function sameFinishedStages({ seen: { shape, stage, stages } }: Candidate): readonly string[] {
  if (stage === null || !shapeNames().includes(shape)) return [];
  const finished = stages.slice(0, stages.indexOf(stage) + 1);
  const expected: readonly string[] = stagesOf(shape).slice(0, stagesOf(shape).indexOf(stage) + 1);
  return finished.length > 0 && finished.join() === expected.join()
    ? []
    : [
        `it has finished ${finished.join(', ') || stage}; the deployed code ${expected.length === 0 ? `has no stage ${stage}` : `would have finished ${expected.join(', ')}`}`,
      ];
}

function intactCapture({ seen: { migration, captureLost } }: Candidate): readonly string[] {
  return captureLost === null ? [] : [captureLostMessage(migration, captureLost)];
}

/** Stops an execution, and waits until it has ended. */
async function end(world: UpgradeWorld, execution: string, cause: string): Promise<void> {
  for (let waitedMs = 0; await world.isRunning(execution); waitedMs += POLL_MS) {
    if (waitedMs === 0) await world.stop(execution, cause);
    if (waitedMs >= STOP_MS_MAX)
      throw new TransientFailure(
        `${execution} is still running ${STOP_MS_MAX / 1_000} s after it was stopped; describe it again`,
      );
    await world.clock.sleep(POLL_MS);
  }
}
