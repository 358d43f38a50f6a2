/** Who acts in the scenarios: the real stages, as the state machines invoke them. */
import type { ChunkItem, Run, Shape } from '../contract/payloads';
import { applyPartition } from '../core/apply-changes';
import { DirtyWatch } from '../core/dirty-watch';
import type { Stage } from '../core/ledger';
import { flowOf } from '../core/flow';
import type { ChangeLog } from '../core/ports';
import { revoke, undo } from '../core/stages/abort';
import { begin } from '../core/stages/begin';
import { cancelFence } from '../core/stages/cancel-fence';
import { startCapture, stopCapture } from '../core/stages/capture';
import { catchUp } from '../core/stages/catch-up';
import { copyItem } from '../core/stages/copy-item';
import { flip, openTarget, seal } from '../core/stages/cutover';
import { drain } from '../core/stages/drain';
import { fenceSource } from '../core/stages/fence-source';
import { judge } from '../core/stages/judge';
import { nextWave } from '../core/stages/next-wave';
import { plan } from '../core/stages/plan';
import { preflight } from '../core/stages/preflight';
import { prepare } from '../core/stages/prepare';
import { recordFailure } from '../core/stages/record-failure';
import { nextSync } from '../core/stages/sync';
import { verifyFenced } from '../core/stages/verify-fenced';
import { verifyItem } from '../core/stages/verify-item';
import { contextOf, type StageContext, type World } from '../core/stages/world';
import type { Job, Outcome, Ports } from './actor';
import { definitionOf, LAYOUT, MIGRATION, TABLE } from './memory/scene';
import type { Change } from './memory/state';
import { worldOf } from './memory/world';
import type { Program } from './scenario';

const HOUR_MS = 3_600_000;

/** Which migration the programs of a scenario are about. */
export interface Cast {
  readonly shape: Shape;
  readonly cuts: 0 | 1;
}

const GENERATION = 1;
const DIRECTION = 'forward';

const worldFor = ({ shape, cuts }: Cast, { ask, clock }: Ports): World =>
  worldOf({ definition: definitionOf(shape), ask, clock, cuts, isRunning: () => false });

const runOf = ({ shape }: Cast, execution: string): Run => ({
  migration: MIGRATION,
  generation: GENERATION,
  direction: DIRECTION,
  execution,
  shape,
});

const item = (chunk: number): ChunkItem => ({
  migration: MIGRATION,
  generation: GENERATION,
  direction: DIRECTION,
  table: TABLE,
  chunk,
});

const STAGES: Readonly<Record<string, (context: StageContext) => Promise<unknown>>> = {
  preflight,
  prepare,
  'start-capture': startCapture,
  plan,
  'copy-wave': (context) => nextWave(context, 'copy'),
  'verify-wave': (context) => nextWave(context, 'verify'),
  judge,
  'catch-up': catchUp,
  'fence-source': fenceSource,
  drain,
  verify: verifyFenced,
  'cancel-fence': cancelFence,
  seal,
  flip,
  'open-target': openTarget,
  'stop-capture': stopCapture,
};

/** One function's code, by its place in a program: `drain`, `copy 0`, `compare 0`, `begin`, `fail`, `revoke`, `undo`. */
export function jobOf(cast: Cast, execution: string, place: string): Job {
  const [what = '', first = ''] = place.split(' ');
  const chunk = Number(first);
  const run = (ports: Ports): Promise<unknown> => {
    const world = worldFor(cast, ports);
    const stage = STAGES[what];
    if (stage) return stage(contextOf(world, runOf(cast, execution)));
    switch (what) {
      case 'begin':
        return resume(world, execution);
      case 'copy':
        return copyItem(world, item(chunk), () => HOUR_MS);
      case 'compare':
        return verifyItem(world, item(chunk));
      case 'fail':
        return recordFailure(world, MIGRATION, execution, { Error: 'an error', Cause: 'of a stage' });
      case 'revoke':
        return revoke(world, 'somebody wants it');
      case 'undo':
        return undo(world);
      default:
        throw new Error(`no program knows ${place}`);
    }
  };
  return { name: `${place} (${execution})`, run };
}

/** Begins, unless the migration has come to an end, or is being aborted. */
async function resume(world: World, execution: string): Promise<string> {
  const record = await world.control.record(MIGRATION);
  if (record && ['done', 'aborted', 'aborting'].includes(record.status)) return record.status;
  await begin(world, execution);
  return 'begun';
}

/** Stages in the order of the state machine; a wave is followed by its items, which the program keeps in its place. */
const WAYS: Readonly<Record<Shape, readonly string[]>> = {
  offline: [
    'begin',
    'preflight',
    'prepare',
    'fence-source',
    'plan',
    'copy-wave',
    'verify-wave',
    'judge',
    'seal',
    'flip',
    'open-target',
  ],
  cdc: [
    'begin',
    'preflight',
    'prepare',
    'start-capture',
    'plan',
    'copy-wave',
    'verify-wave',
    'catch-up',
    'fence-source',
    'drain',
    'verify',
    'seal',
    'flip',
    'open-target',
    'stop-capture',
  ],
};

const BEHIND_FENCE = ['fence-source', 'drain', 'verify', 'seal'];

export interface Way {
  /** First place. @default begin */
  readonly from?: string;
  /** Last stage, after which the program ends. @default the last of all */
  readonly until?: Stage | 'copy-wave' | 'verify-wave';
  readonly execution?: string;
  /** What comes after an error that the state machine does not answer: the migration is held, or aborted. @default held */
  readonly onError?: 'held' | 'abort';
  readonly mayBeGivenUp?: boolean;
  readonly name?: string;
}

/** The state machine `Migration`. */
export function migration(cast: Cast, way: Way = {}): Program {
  const { from = 'begin', until, execution = 'execution-1', onError = 'held' } = way;
  const order = WAYS[cast.shape];
  const after = (place: string): string | null =>
    place === until ? null : (order[order.indexOf(place) + 1] ?? null);
  return {
    name: way.name ?? `migration ${execution}`,
    first: from,
    mayBeGivenUp: way.mayBeGivenUp ?? false,
    mayFailWith: [
      'FencedOut',
      'TransientFailure',
      'WrongState',
      'FenceExpired',
      'AlreadyRunning',
      // An abort takes away what a stage works with.
      'StatementRefused',
      'BrokenLedger',
      'CaptureLost',
    ],
    job: (place) => jobOf(cast, execution, place),
    next: (place, outcome) => nextPlace(cast, onError, after, place, outcome),
  };
}

function nextPlace(
  cast: Cast,
  onError: 'held' | 'abort',
  after: (place: string) => string | null,
  place: string,
  outcome: Outcome,
): string | null {
  const [what = '', ...rest] = place.split(' ');
  if ('error' in outcome) return afterError(cast, onError, what, rest, place, outcome.error);
  const { ok } = outcome;
  switch (what) {
    case 'begin':
      if (ok === 'aborting') return 'revoke';
      return ok === 'begun' ? after(what) : null;
    case 'copy-wave':
    case 'verify-wave': {
      const { items, empty } = ok as { items: { chunk: number }[]; empty: boolean };
      if (empty) return after(what);
      return `${what === 'copy-wave' ? 'copy' : 'compare'} ${items.map(({ chunk }) => chunk).join(' ')}`;
    }
    case 'copy':
    case 'compare':
      if (rest.length > 1) return `${what} ${rest.slice(1).join(' ')}`;
      return what === 'copy' ? 'copy-wave' : 'verify-wave';
    case 'judge':
      return ok === 'clean' ? after(what) : 'copy-wave';
    case 'catch-up':
      if (ok === 'wait') return 'catch-up';
      return ok === 'verify' ? 'verify-wave' : after(what);
    case 'verify':
      return ok === 'clean' ? after(what) : 'cancel-fence recopy';
    case 'cancel-fence':
      return rest[0] === 'recopy' ? 'copy-wave' : 'catch-up';
    case 'revoke':
      return 'undo';
    case 'fail':
    case 'undo':
      return null;
    default:
      return after(what);
  }
}

function afterError(
  { shape }: Cast,
  onError: 'held' | 'abort',
  what: string,
  rest: readonly string[],
  place: string,
  error: string,
): string | null {
  // A map's items fail one by one; the next wave finds what they left.
  if (what === 'copy' || what === 'compare') {
    if (rest.length > 1) return `${what} ${rest.slice(1).join(' ')}`;
    return what === 'copy' ? 'copy-wave' : 'verify-wave';
  }
  if (error === 'TransientFailure') return place;
  if (error === 'FenceExpired' && shape === 'cdc' && BEHIND_FENCE.includes(what)) return 'cancel-fence';
  if (what === 'fail' || what === 'revoke' || what === 'undo') return null;
  return onError === 'abort' ? 'revoke' : 'fail';
}

/** The state machine `Abort`. */
export const abort = (cast: Cast, name = 'abort', mayBeGivenUp = false): Program => ({
  name,
  first: 'revoke',
  mayBeGivenUp,
  mayFailWith: ['TransientFailure', 'WrongState', 'FencedOut', 'StatementRefused'],
  job: (place) => jobOf(cast, name, place),
  next: (place, outcome) => {
    if ('error' in outcome) return outcome.error === 'TransientFailure' ? place : null;
    return place === 'revoke' ? 'undo' : null;
  },
});

/** One item of the map `Copy`, invoked again while it fails for a passing reason, `livesMax` times in all. */
export const copier = (cast: Cast, name: string, chunk: number, livesMax = 1): Program =>
  lives(name, livesMax, () => jobOf(cast, 'copy', `copy ${chunk}`));

/** The same job again and again, as often as it may, until it ends well. */
const lives = (name: string, livesMax: number, job: () => Job): Program => ({
  name,
  kind: `${job().name} ${livesMax}`,
  first: '1',
  job: () => job(),
  next: (life, outcome) => {
    const again = 'error' in outcome && outcome.error === 'TransientFailure' && Number(life) < livesMax;
    return again ? String(Number(life) + 1) : null;
  },
});

/**
 * An applier of the only partition: each life claims it, serves some pages, and ends. With `rounds`, as `Sync` hands it out:
 * each life asks for its round first, so that nobody applies before the plan is there, nor while sync is at rest.
 */
export const applier = (
  cast: Cast,
  name: string,
  livesMax: number,
  { rounds = false, pages = 1 }: { readonly rounds?: boolean; readonly pages?: number } = {},
): Program => ({
  name,
  kind: `applier ${livesMax} ${rounds} ${pages}`,
  first: rounds ? 'round 1' : 'apply 1',
  mayFailWith: ['FencedOut', 'TransientFailure', 'StatementRefused', 'BrokenLedger', 'CaptureLost'],
  job: (place) => (place.startsWith('round') ? roundJob(cast) : applierJob(cast, pages)),
  next: (place, outcome) => {
    const [what, life] = place.split(' ') as [string, string];
    if (what === 'round') {
      // Not planned yet, or at rest: the state machine asks again.
      if ('error' in outcome) return place;
      const { items, over } = outcome.ok as { items: unknown[]; over: boolean };
      if (over) return null;
      return items.length > 0 ? `apply ${life}` : place;
    }
    const first = rounds ? 'round' : 'apply';
    if (livesMax === Infinity) return `${first} 1`;
    return Number(life) < livesMax ? `${first} ${Number(life) + 1}` : null;
  },
});

/** Whoever asks in the name of the one execution of `Sync`: a zombie of its appliers has the same. */
const roundJob = (cast: Cast): Job => ({
  name: 'next-sync',
  run: (ports) =>
    nextSync(worldFor(cast, ports), {
      generation: GENERATION,
      direction: DIRECTION,
      execution: 'sync-1',
      replaces: null,
    }),
});

function applierJob(cast: Cast, pages: number): Job {
  return {
    name: `apply ${pages}`,
    run: (ports) => {
      const world = worldFor(cast, ports);
      const { from, to } = flowOf(world.ends, DIRECTION);
      const capture = String(GENERATION);
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
          partition: { migration: MIGRATION, generation: GENERATION, table: TABLE, partition: 0 },
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

/** What an application does, one step after another: a statement of its own, or a transaction of two steps. */
export interface Deed {
  readonly changes: readonly Change[];
  readonly transaction?: boolean;
}

export const application = (name: string, deeds: readonly Deed[]): Program =>
  single(name, JSON.stringify(deeds), async ({ ask }) => {
    const at = 'application';
    for (const { changes, transaction } of deeds) {
      if (!transaction) await ask({ at, op: 'write', args: { changes } });
      else {
        await ask({ at, op: 'begin', args: { changes } });
        await ask({ at, op: 'commit', args: {} });
      }
    }
  });

/** Time, that lets fences open themselves. */
export const expiry = (times: number): Program =>
  single('time', `${times}`, async ({ ask }) => {
    for (let time = 0; time < times; time += 1) await ask({ at: 'application', op: 'expire', args: {} });
  });

/** The table's owner, who changes what is captured. */
export const owner = (): Program =>
  single('owner', '', async ({ ask }) => void (await ask({ at: 'application', op: 'alter', args: {} })));

/** A program of one job. */
export const single = (name: string, input: string, run: Job['run']): Program => ({
  name,
  first: 'only',
  job: () => ({ name: `${name} ${input}`, run }),
  next: () => null,
});

/** One job of a program, once: what a duplicate invocation does. */
export const once = (cast: Cast, name: string, place: string, execution = 'execution-1'): Program => ({
  ...migration(cast, { execution }),
  name,
  first: place,
  next: (at, outcome) => ('error' in outcome && outcome.error === 'TransientFailure' ? at : null),
});
