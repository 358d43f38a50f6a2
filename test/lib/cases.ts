/** Every outcome of every step as a case for the local engine, with the successor that the lifecycle table names. */
import { ERRORS, LOST_RESPONSE_ERRORS } from '../../src/contract/errors';
import { isInvoking, type Fan, type Invoking, type Machine, type Step } from '../../src/contract/lifecycle';
import {
  following,
  machineOfItems,
  stepOf,
  type Next,
  type StepOutcome,
} from '../../src/contract/lifecycle/interpret';
import { RETRIES } from '../../src/contract/lifecycle/retry';
import {
  NEEDED_SUFFIX,
  stateNameOf,
  UNKNOWN_SUFFIX,
  VERDICT_SUFFIX,
} from '../../src/contract/lifecycle/state-names';
import { DECIDED, isStep, outcomesOf, pathTo, TRANSIENT, type Leg } from './paths';
import type { Act, Scene, Seen } from './play';

/** A machine as it runs for one shape. */
export interface Subject {
  readonly machine: Machine;
  /** Null: it runs the same for all shapes. */
  readonly shape: string | null;
}

export interface Case {
  readonly title: string;
  readonly scene: Omit<Scene, 'machines'>;
  readonly expected: Seen;
  /** Whether the machine that a step starts exists. */
  readonly startable: boolean;
}

/** Steps of a machine, or of a map's items; an item's errors cannot lead to a step of the machine. */
interface Place extends Subject {
  readonly fan: Fan | null;
  readonly steps: Machine;
}

export function casesOf(subject: Subject): readonly Case[] {
  const { machine } = subject;
  const places: Place[] = [
    { ...subject, fan: null, steps: machine },
    ...machine.steps.flatMap((step) =>
      step.kind === 'map' ? [{ ...subject, fan: step, steps: machineOfItems(machine, step) }] : [],
    ),
  ];
  return places.flatMap((place) =>
    place.steps.steps.flatMap((step) =>
      isInvoking(step) ? casesOfInvocation(place, step) : casesOfPlain(place, step),
    ),
  );
}

const RUN = {
  ...{ migration: 'orders', generation: 1, execution: 'arn:execution', direction: 'forward', events: 0 },
  ...{ startedBy: 'arn:starter', reason: 'a test', owner: null },
  syncMachine: 'arn:aws:states:eu-west-1:111122223333:stateMachine:sluice-dev-Sync',
};
const ITEM = { ...RUN, table: 'shop.t', chunk: 0, applier: 0, appliers: 1 };

const returning = ({ shape }: Subject, verdict: string | null, items: readonly object[] = []): Act => ({
  returns: { ...RUN, shape, items, concurrency: 1, seconds: 1, ...(verdict === null ? {} : { verdict }) },
});

const throwing = (error: string, times: number): readonly Act[] =>
  Array.from({ length: times }, () => ({ throws: error }));

/** Invocations along one leg of a path. */
const actsOf = (place: Place, { step, outcome }: Leg, items: readonly object[] = []): readonly Act[] => {
  if ('verdict' in outcome) return [returning(place, outcome.verdict, items)];
  const attempts = isInvoking(step) && outcome.error === TRANSIENT ? RETRIES[step.retry].attemptsMax + 1 : 1;
  return throwing(outcome.error, attempts);
};

function casesOfInvocation(place: Place, step: Invoking): readonly Case[] {
  const { attemptsMax, lostAttemptsMax } = RETRIES[step.retry];
  const lost = LOST_RESPONSE_ERRORS[1]!;
  const good = outcomesOf(step)[0]!;
  const goodAct = actsOf(place, { step, outcome: good });
  const failing = (what: string, error: string, times: number): Case =>
    caseOf(place, step, what, { error }, throwing(error, times), error);
  return [
    ...outcomesOf(step)
      .filter((outcome) => 'verdict' in outcome)
      .map((outcome) =>
        caseOf(place, step, outcome.verdict ?? 'done', outcome, actsOf(place, { step, outcome })),
      ),
    ...(step.kind === 'gate' ? ['never heard of', null] : []).map((verdict) =>
      caseOf(
        place,
        step,
        `verdict ${verdict}`,
        { verdict },
        [returning(place, verdict)],
        ERRORS.inconsistentLedger,
      ),
    ),
    caseOf(place, step, 'an error that passes', good, [...throwing(TRANSIENT, 1), ...goodAct]),
    caseOf(place, step, 'a response that is lost once', good, [...throwing(lost, 1), ...goodAct]),
    failing('a transient error whose retries are exhausted', TRANSIENT, attemptsMax + 1),
    failing('responses that are lost again and again', lost, lostAttemptsMax + 1),
    failing('an expired fence', ERRORS.fenceExpired, 1),
    failing('a decision', DECIDED, 1),
    failing('a result that is too large', 'States.DataLimitExceeded', 1),
  ];
}

function casesOfPlain(place: Place, step: Step): readonly Case[] {
  const done = caseOf(place, step, 'done', { verdict: null }, []);
  if (step.kind !== 'start' || step.machine === place.machine.name) return [done];
  const error = 'StepFunctions.StateMachineDoesNotExistException';
  return [
    done,
    { ...caseOf(place, step, 'the machine does not exist', { error }, [], error), startable: false },
  ];
}

/** @param error the execution's error, if the outcome leads to a failure */
function caseOf(
  place: Place,
  step: Step,
  what: string,
  outcome: StepOutcome,
  acts: readonly Act[],
  error?: string,
): Case {
  const next = following(place.steps, step, outcome).at(-1)!;
  const { machine, shape, fan } = place;
  const counts = step.kind === 'gate' && ['run', 'round'].includes(step.function.input);
  return {
    title: [machine.name, shape, fan?.id, step.id].filter((word) => word).join(' ') + `: ${what}`,
    scene: sceneOf(place, step, acts),
    expected: {
      retries: acts.map((_, index) => (counts ? index : null)),
      next: expectedState(place, next),
      error: next === 'fail' ? error : undefined,
    },
    startable: true,
  };
}

function expectedState(place: Place, next: Next): string {
  const { machine, shape, fan, steps } = place;
  if (isStep(next)) return enteredName(stepOf(steps, next.step), shape);
  if (next === 'fail') return steps.onFailure ? stateNameOf(steps.onFailure, null) : 'FAILED';
  return fan?.mode === 'inline' ? stateNameOf(stepOf(machine, fan.next), shape) : 'SUCCEEDED';
}

/** The first state of a step. */
const enteredName = (step: Step, shape: string | null): string =>
  `${stateNameOf(step, shape)}${step.kind === 'stop' ? NEEDED_SUFFIX : ''}`;

function sceneOf(place: Place, step: Step, acts: readonly Act[]): Case['scene'] {
  const { machine, shape, fan, steps } = place;
  const name = stateNameOf(step, shape);
  const outside = pathTo(machine, fan ?? step);
  const inside = fan ? pathTo(steps, step) : [];
  const script = [
    ...outside.map((leg) => [leg, leg === outside.at(-1) && fan ? [ITEM] : []] as const),
    ...inside.map((leg) => [leg, []] as const),
  ].map(([leg, items]) => [stateNameOf(leg.step, shape), actsOf(place, leg, items)]);
  return {
    input: RUN,
    acts: { ...(Object.fromEntries(script) as Scene['acts']), [name]: acts },
    state: enteredName(step, shape),
    belonging: [
      `${name}${VERDICT_SUFFIX}`,
      `${name}${UNKNOWN_SUFFIX}`,
      'Shape',
      ...(step.kind === 'stop' ? [name] : []),
    ],
  };
}
