/** The tables of the lifecycle are whole: every name leads somewhere, every function exists, every change is covered. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ABORT,
  everyMachine,
  flatSteps,
  functionRow,
  functionRows,
  isInvoking,
  kebabOf,
  migrationOf,
  shapeNames,
  stageIndex,
  stagesOf,
  SYNC,
  type FunctionRow,
  type Machine,
  type Step,
} from '../../src/contract/lifecycle';
import {
  eventsBeforeGates,
  gateEvents,
  HISTORY_EVENTS_MAX,
  successors,
  unboundedCycle,
  worstTail,
} from '../../src/contract/lifecycle/events';
import { following, machineOfItems, stepOf } from '../../src/contract/lifecycle/interpret';
import { RETRIES, retriesMax } from '../../src/contract/lifecycle/retry';
import { innerStagesOf, labelOf, stageText } from '../../src/contract/lifecycle/stage-text';
import { commonSteps, stateNameOf, stepOfState } from '../../src/contract/lifecycle/state-names';

const ROOT = join(__dirname, '..', '..');

/** Machines, `Migration` once for each shape, and the items of their maps. */
const MACHINES: readonly (readonly [string, Machine])[] = everyMachine().flatMap((machine, index) => {
  const title = `${machine.name} ${shapeNames()[index] ?? ''}`.trimEnd();
  const items = machine.steps.flatMap((step): [string, Machine][] =>
    step.kind === 'map' ? [[`${title} ${step.id}`, machineOfItems(machine, step)]] : [],
  );
  return [[title, machine] as const, ...items];
});

describe.each(MACHINES)('%s', (_title, machine) => {
  const ids = machine.steps.map(({ id }) => id);

  test('has every id once', () => expect(new Set(ids).size).toBe(ids.length));

  test('leads to steps that exist, and to an end', () => {
    for (const step of machine.steps)
      expect([step.id, successors(machine, step).filter((id) => !ids.includes(id))]).toEqual([step.id, []]);
    expect(machine.steps.some(({ kind }) => kind === 'end')).toBe(true);
  });

  test('reaches every step', () => {
    const reached = new Set(ids.slice(0, 1));
    for (const id of reached) for (const next of successors(machine, stepOf(machine, id))) reached.add(next);
    expect(ids.filter((id) => !reached.has(id))).toEqual([]);
  });

  test('reaches an end from every step', () => {
    const ending = new Set(machine.steps.filter(({ kind }) => kind === 'end').map(({ id }) => id));
    ids.forEach(() => {
      for (const step of machine.steps)
        if (successors(machine, step).some((id) => ending.has(id))) ending.add(step.id);
    });
    expect(ids.filter((id) => !ending.has(id))).toEqual([]);
  });

  test('has a bounded gate in every cycle', () => expect(unboundedCycle(machine)).toBeNull());

  test('does not fill the history, whichever bounded gate passes last', () =>
    expect(machine.eventBudget + worstTail(machine)).toBeLessThanOrEqual(HISTORY_EVENTS_MAX));
});

describe('functions', () => {
  const rows = functionRows();

  test.each(rows.map(({ name }) => name))('%s is exported by the handler of that name', (name) => {
    const path = join(ROOT, 'lambdas', `${kebabOf(name)}.ts`);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^export const ${name} = `, 'm'));
  });

  test('have one row each, however many steps invoke them', () => {
    const invoked = everyMachine()
      .flatMap(({ steps, onFailure }) => [...flatSteps(steps), ...(onFailure ? [onFailure] : [])])
      .filter(isInvoking)
      .map((step) => step.function);
    expect(new Set(invoked).size).toBe(rows.length);
    expect(functionRow('claimMigration')).toBe(rows[0]);
    expect(() => functionRow('seal' as never)).toThrow('No machine invokes seal');
  });

  test('change or rehearse only where they have a login', () => {
    const roles = (row: FunctionRow) => [...(row.changes ?? []), ...(row.rehearsesAt ?? [])];
    for (const row of rows)
      expect([row.name, roles(row).filter((role) => row[role] === undefined)]).toEqual([row.name, []]);
  });

  test("with the owner's login, which installs and removes, change that end or rehearse there", () => {
    for (const row of rows)
      for (const role of ['from', 'to'] as const)
        if (row[role]?.includes('owner'))
          expect([...(row.changes ?? []), ...(row.rehearsesAt ?? [])]).toContain(role);
  });
});

describe('an abort', () => {
  const steps: readonly string[] = ABORT.steps.map(({ id }) => id);
  const covered = [...shapeNames().map(migrationOf), SYNC].flatMap(({ steps: all }) =>
    flatSteps(all).filter(isInvoking),
  );

  test('covers every step that changes a database, started or finished', () => {
    const uncovered = covered.filter(({ coveredBy, ...step }) => step.function.changes && !coveredBy);
    expect(uncovered.map(({ id }) => id)).toEqual([]);
  });

  test('has steps that cover others, and those steps reach the changed ends', () => {
    for (const { id, coveredBy, function: changing } of covered) {
      if (!coveredBy || coveredBy === 'after the flip') continue;
      expect([id, coveredBy.filter((step) => !steps.includes(step))]).toEqual([id, []]);
      const reached = coveredBy.flatMap((step) => {
        const covering: Step = stepOf(ABORT, step);
        return isInvoking(covering) ? (covering.function.changes ?? []) : [];
      });
      expect([id, (changing.changes ?? []).filter((role) => !reached.includes(role))]).toEqual([id, []]);
    }
  });

  test('is unnecessary only after the flip', () => {
    for (const shape of shapeNames()) {
      const flip = stageIndex(shape, 'flip');
      const late = migrationOf(shape).steps.filter(isInvoking);
      for (const { id, coveredBy, finishes = [] } of late)
        if (coveredBy === 'after the flip')
          expect([id, finishes.filter((stage) => stageIndex(shape, stage as never) <= flip)]).toEqual([
            id,
            [],
          ]);
    }
  });
});

describe('stages', () => {
  test.each(shapeNames())('of %s are finished once each, in the order of the steps', (shape) => {
    const stages = stagesOf(shape);
    expect(new Set(stages).size).toBe(stages.length);
    expect(stages.map((stage) => stageIndex(shape, stage))).toEqual(stages.map((_, index) => index));
    expect(stageIndex(shape, null)).toBe(-1);
    for (const stage of ['preflight', 'prepare', 'plan', 'backfill', 'verify', 'seal', 'flip', 'open'])
      expect(stages).toContain(stage);
  });
});

describe('the reported stage', () => {
  test('is the first stage that is not finished', () => {
    expect(stageText('offline', null)).toBe('preflight (1 of 9)');
    expect(stageText('offline', 'plan')).toBe('backfill (5 of 9)');
    expect(stageText('cdc', 'stop-capture')).toBe('all 13 finished');
  });

  test('of every step is a stage, or its own name', () => {
    const labels = migrationOf('cdc').steps.map((step) => labelOf(migrationOf('cdc'), step));
    expect(labels).toEqual([
      ...[
        'claim-migration',
        'preflight',
        'prepare',
        'start-capture',
        'plan',
        'start-sync',
        'backfill',
        'backfill',
      ],
      ...['verify', 'verify', 'catch-up', 'catch-up', 'open', 'cancel-cutover', 'finish-cutover'],
      ...['stop-capture', 'disarm', 'disarm', 'moved'],
    ]);
  });

  test('of the cutover are its stages, in both steps that run it', () => {
    const cdc = migrationOf('cdc');
    const inner = ['cutover', 'finish-cutover'].map((id) => innerStagesOf(cdc, stepOf(cdc, id)));
    const stages = ['fence', 'drain', 'verify', 'seal', 'flip', 'open'];
    expect(inner).toEqual([stages, stages]);
    expect(innerStagesOf(cdc, stepOf(cdc, 'plan'))).toEqual([]);
  });
});

describe('names of states', () => {
  test('belong to one step each', () => {
    const names = shapeNames().flatMap((shape) =>
      flatSteps(migrationOf(shape).steps)
        .filter((step) => !commonSteps().includes(step))
        .map((step) => stateNameOf(step, shape)),
    );
    const common = commonSteps().map((step) => stateNameOf(step, null));
    expect(common).toEqual(['ClaimMigration', 'Preflight', 'Prepare']);
    expect(new Set([...names, ...common]).size).toBe(names.length + common.length);
  });

  test.each([
    ['Prepare', 'prepare'],
    ['OfflineJudge', 'judge'],
    ['OfflineJudgeVerdict', 'judge'],
    ['OfflineJudgeVerdictUnknown', 'judge'],
    ['CdcWaitForSync', 'wait-for-sync'],
    ['RecordFailure', 'record-failure'],
  ])('%s is of the step %s', (state, id) => expect(stepOfState(state)?.step.id).toBe(id));

  test.each(['MigrationNamed', 'Shape', 'ShapeUnknown', 'Failed', 'Judge'])('%s is of no step', (state) =>
    expect(stepOfState(state)).toBeNull(),
  );
});

describe('the next step', () => {
  const cdc = migrationOf('cdc');
  const after = (id: string, outcome: Parameters<typeof following>[2]) =>
    following(cdc, stepOf(cdc, id), outcome);

  test('follows a verdict, the end, or a row', () => {
    expect(after('catch-up', { verdict: 'verify' })).toEqual([{ step: 'next-verify-wave' }]);
    expect(after('catch-up', { verdict: 'moved' })).toEqual(['fail']);
    expect(after('catch-up', { verdict: null })).toEqual(['fail']);
    expect(after('prepare', { verdict: null })).toEqual([{ step: 'start-capture' }]);
    expect(after('wait-for-sync', { verdict: null })).toEqual([{ step: 'catch-up' }]);
    expect(after('moved', { verdict: null })).toEqual(['end']);
  });

  test('an error under the fence returns the writes', () => {
    const back = { step: 'cancel-cutover' };
    expect(after('cutover', { error: 'TransientFailure' })).toEqual(['retry', back]);
    expect(after('cutover', { error: 'States.Timeout' })).toEqual(['retry', back]);
    expect(after('cutover', { error: 'FenceExpired' })).toEqual([back]);
    expect(after('cutover', { error: 'VerificationFailed' })).toEqual(['fail']);
  });

  test('an error elsewhere is retried if it is transient, and then fails the migration', () => {
    expect(after('plan', { error: 'TransientFailure' })).toEqual(['retry', 'fail']);
    expect(after('plan', { error: 'FenceExpired' })).toEqual(['fail']);
    // The names of the errors with which a start is throttled are not documented.
    expect(after('start-sync', { error: 'StepFunctions.Whatever' })).toEqual(['retry', 'fail']);
    const [revoke, stop] = [stepOf(ABORT, 'revoke'), stepOf(ABORT, 'stop-execution')];
    expect(following(ABORT, revoke, { error: 'WrongState' })).toEqual(['fail']);
    expect(following(ABORT, stop, { error: 'Sfn.Whatever' })).toEqual(['retry', { step: 'reopen' }]);
  });

  test('the last row must name the next step', () => {
    const [wait] = [{ id: 'wait', kind: 'wait', seconds: 1 } as const];
    expect(() => following({ ...SYNC, steps: [wait] }, wait, { verdict: null })).toThrow(
      'step wait is the last row',
    );
  });
});

describe('events', () => {
  const task = (id: string, more: object = {}): Step => ({
    id,
    kind: 'task',
    function: functionRow('plan'),
    retry: 'poll',
    ...more,
  });
  const gate = (id: string, verdicts: Record<string, string>, more: object = {}): Step => ({
    id,
    kind: 'gate',
    function: functionRow('judge'),
    retry: 'poll',
    verdicts,
    ...more,
  });
  const end: Step = { id: 'end', kind: 'end' };
  const machine = (...steps: Step[]): Machine => ({ ...SYNC, steps });

  test('of a gate include its own, its retries, and those of the steps after it', () => {
    expect(gateEvents('judge', 0)).toBe(7);
    expect(gateEvents('judge', 3)).toBe(16);
    const applied = 2 + (5 + 3 * retriesMax('applier')) + 2 + 2;
    expect(gateEvents('nextSync', 0)).toBe(7 + 4 + 16 * applied);
    // A cutover whose retries were used up leads to it.
    expect(gateEvents('cancelCutover', 0)).toBe(7 + 7 + 3 * retriesMax('fenced'));
  });

  test('before the first gate are those of the steps before it', () => {
    const [first, second] = [task('a'), task('b')];
    const one = 5 + 3 * (RETRIES.poll.attemptsMax + RETRIES.poll.lostAttemptsMax);
    expect(eventsBeforeGates(machine(first, second, gate('g', { done: 'end' }), end))).toBe(16 + 2 * one);
  });

  test('a cycle without a bounded gate is found, also through errors', () => {
    const cycle = [task('a'), gate('g', { again: 'a', done: 'end' }), end];
    expect(unboundedCycle(machine(...cycle))).toEqual(['a', 'g', 'a']);
    const bounded = gate('g', { again: 'a', done: 'end' }, { bounded: true });
    expect(unboundedCycle(machine(task('a'), bounded, end))).toBeNull();
    const failing = gate('g', { done: 'end' }, { bounded: true, errors: { other: 'a' } });
    expect(unboundedCycle(machine(task('a'), failing, end))).toEqual(['a', 'g', 'a']);
  });
});
