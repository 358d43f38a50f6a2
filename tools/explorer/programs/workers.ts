/** Copiers and appliers, invoked as the maps of the state machines do. */
import { errorKind } from '../../../src/contract/errors';
import { functionRow, SYNC, type Step } from '../../../src/contract/lifecycle';
import { authorityOf } from '../../../src/core/authority';
import { applyPartition } from '../../../src/core/sync/apply-changes';
import { DirtyWatch } from '../../../src/core/sync/dirty-watch';
import { flowOf } from '../../../src/core/flow';
import type { ChangeLog } from '../../../src/core/ports';
import type { Job } from '../actor';
import { FIRST, LAYOUT, MIGRATION, TABLE } from '../memory/scene';
import { captureId } from '../memory/source';
import type { Program, Successor } from '../scenario';
import { DIRECTION, executionOf, generationOf, subjectName, worldFor, type Subject } from './subject';
import { jobOf } from './functions';
import { Walk } from './walk';

/** One item of the map `copy`, invoked up to `attemptsMax` times while its errors are transient. */
export function copier(subject: Subject, name: string, chunk: number, attemptsMax = 1): Program {
  const job = jobOf(subject, 'copy', { function: functionRow('copyChunk'), item: chunk });
  return {
    name,
    kind: `${job.name} ${attemptsMax}`,
    first: '1',
    job: () => job,
    next: (attempt, outcome) => {
      const isRetried =
        'error' in outcome && errorKind(outcome.error) === 'transient' && Number(attempt) < attemptsMax;
      return [{ place: isRetried ? String(Number(attempt) + 1) : null }];
    },
  };
}

interface Appliers {
  /** Whether `Sync` invokes it, round by round, so that it pauses when sync pauses. @default false */
  readonly rounds?: boolean;
  /** Pages that one invocation applies. @default 1 */
  readonly pages?: number;
}

/** An applier of the only partition. Each of `invocationsMax` invocations claims it, applies some pages and ends. */
export const applier = (
  subject: Subject,
  name: string,
  invocationsMax: number,
  { rounds = false, pages = 1 }: Appliers = {},
): Program => ({
  ...(rounds ? sync(subject, invocationsMax, pages) : appliers(subject, invocationsMax, pages)),
  name,
  kind: `applier ${invocationsMax} ${rounds} ${pages}`,
});

const appliers = (subject: Subject, invocationsMax: number, pages: number): Omit<Program, 'name'> => ({
  first: '1',
  job: () => applierJob(subject, pages),
  next: (invocation) => [{ place: following(Number(invocation), invocationsMax) }],
});

/** An unbounded program keeps its invocation number, so that all of its invocations share one place. */
function following(invocation: number, invocationsMax: number): string | null {
  if (invocationsMax === Infinity) return String(invocation);
  return invocation < invocationsMax ? String(invocation + 1) : null;
}

/** Resuming a migration restarts a failed `Sync`. */
const RESUMED: Step = { id: 'resumed', kind: 'wait', seconds: 0, next: SYNC.steps[0].id };
const APPLY = 'applyChanges';

/** The state machine `Sync`; places are `invocation step`. All its appliers, duplicates included, belong to one execution. */
function sync(subject: Subject, invocationsMax: number, pages: number): Omit<Program, 'name'> {
  const walk = new Walk({ machine: SYNC, afterFailure: [RESUMED] });
  const invokes = (place: string) => walk.invocationAt(place).function.name;
  return {
    first: `1 ${walk.start()}`,
    job: (at) => {
      const [, place] = read(at);
      return invokes(place) === APPLY
        ? applierJob(subject, pages)
        : jobOf(subject, executionOf(subject, 'sync-1'), walk.invocationAt(place));
    },
    next: (at, outcome) => {
      const [invocation, place] = read(at);
      const number = invokes(place) === APPLY ? following(invocation, invocationsMax) : String(invocation);
      if (number === null) return [{ place: null }];
      return walk.next(place, outcome).map((successor): Successor => {
        return successor.place === null ? successor : { ...successor, place: `${number} ${successor.place}` };
      });
    },
  };
}

function read(at: string): [number, string] {
  const space = at.indexOf(' ');
  return [Number(at.slice(0, space)), at.slice(space + 1)];
}

function applierJob(subject: Subject, pages: number): Job {
  const generation = generationOf(subject);
  const { owner } = subject.plane ?? FIRST;
  return {
    name: `apply ${pages}${subjectName(subject)}`,
    run: async (ports) => {
      const world = worldFor(subject, ports);
      const { from, to } = flowOf(world.ends, DIRECTION);
      const capture = captureId(owner, generation);
      const record = await world.control.recordOrFail(MIGRATION);
      let read = 0;
      const log: ChangeLog = {
        ...from.log,
        readDirty: (...of) => {
          read += 1;
          return from.log.readDirty(...of);
        },
      };
      return applyPartition(
        { ...world, from: { ...from, log }, to, partitions: world.control.partitions },
        {
          authority: await authorityOf(world, { ...record, generation }),
          partition: { migration: MIGRATION, generation, table: TABLE, partition: 0 },
          layout: LAYOUT,
          capture,
          salt: 'salt',
          watch: new DirtyWatch(log, world.clock, [capture]),
          stop: () => read >= pages,
        },
      );
    },
  };
}
