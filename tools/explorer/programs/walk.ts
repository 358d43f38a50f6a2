/** Interprets a machine of the lifecycle: the invocation at each place, and the places that an outcome leads to. */
import {
  isInvoking,
  type Fan,
  type Invoking,
  type Machine,
  type Step,
  type StepId,
} from '../../../src/contract/lifecycle';
import {
  following,
  machineOfItems,
  stepOf,
  type Next,
  type StepOutcome,
} from '../../../src/contract/lifecycle/interpret';
import type { Outcome } from '../actor';
import { Violation } from '../violation';
import type { Successor } from '../scenario';
import type { Invocation } from './functions';

export interface Route {
  readonly machine: Machine;
  /** Steps that follow an error that no row handles; an error in these ends the walk. @default none */
  readonly afterFailure?: readonly Step[];
  /** The walk ends instead of entering one of these steps. @default it runs to the machine's end */
  readonly before?: readonly StepId[];
}

/** A place is a step's id; within a map, `map/step 3 4`: item 3 is at that step, and item 4 follows. */
interface Place {
  readonly step: Step;
  readonly inner: string;
  readonly items: readonly number[];
}

const END: Successor = { place: null };

export class Walk {
  private readonly machine: Machine;
  private readonly handling: readonly Step[];
  private readonly before: readonly StepId[];

  constructor({ machine, afterFailure = [], before = [] }: Route) {
    this.machine = { ...machine, steps: [...machine.steps, ...afterFailure] };
    this.handling = afterFailure;
    this.before = before;
  }

  /** The first place of a walk from a step. */
  start(id: StepId = this.machine.steps[0]!.id): string {
    const { place } = this.enter(id, null);
    if (place === null) throw new Error(`${this.machine.name} ends before its step ${id}.`);
    return place;
  }

  /** The invocation at a place. */
  invocationAt(place: string): Invocation {
    const { step, inner, items } = this.read(place);
    if (step.kind === 'map') return { ...this.eachOf(step).invocationAt(inner), item: items[0]! };
    const { function: row, constants } = step as Invoking;
    return constants === undefined ? { function: row } : { function: row, constants };
  }

  /** The successors after an outcome: first the one while attempts are left, then the one when a transient error has none. */
  next(place: string, outcome: Outcome): readonly Successor[] {
    const at = this.read(place);
    if (at.step.kind === 'map') return this.nextInMap(at.step, at, outcome);
    const ok = 'ok' in outcome ? outcome.ok : null;
    const nexts = following(this.machine, at.step, outcomeOf(at.step, outcome));
    return nexts.map((next, index) => {
      const successor = next === 'retry' ? { place } : this.follow(at.step, next, ok);
      return index === 0 ? successor : { ...successor, exhausted: true };
    });
  }

  /** Items run one by one and may fail; the gate after the map handles what they left. */
  private nextInMap(fan: Fan, { inner, items }: Place, outcome: Outcome): readonly Successor[] {
    return this.eachOf(fan)
      .next(inner, outcome)
      .map((successor) => {
        const { place } =
          successor.place === null
            ? this.itemsOf(fan, items.slice(1))
            : { place: this.at(fan, successor.place, items) };
        return { ...successor, place };
      });
  }

  private follow(from: Step, next: Exclude<Next, 'retry'>, ok: unknown): Successor {
    if (next === 'end') return END;
    if (next !== 'fail') return this.enter(next.step, ok);
    const [first] = this.handling;
    return first === undefined || this.handling.includes(from) ? END : this.enter(first.id, ok);
  }

  private enter(id: StepId, ok: unknown): Successor {
    if (this.before.includes(id)) return END;
    const step = stepOf(this.machine, id);
    if (isInvoking(step)) return { place: id };
    if (step.kind === 'map') return this.itemsOf(step, numbersIn(ok));
    // A wait ends at some moment; a started execution is a separate program; a stopped one may still run.
    const [next] = following(this.machine, step, { verdict: null });
    return this.follow(step, next as Exclude<Next, 'retry'>, ok);
  }

  private itemsOf(fan: Fan, items: readonly number[]): Successor {
    return items.length === 0
      ? this.enter(fan.next, null)
      : { place: this.at(fan, this.eachOf(fan).start(), items) };
  }

  private readonly at = (fan: Fan, inner: string, items: readonly number[]): string =>
    `${fan.id}/${inner} ${items.join(' ')}`;

  private eachOf(fan: Fan): Walk {
    return new Walk({ machine: machineOfItems(this.machine, fan) });
  }

  private read(place: string): Place {
    const [path = '', ...items] = place.split(' ');
    const [id = '', inner = ''] = path.split('/');
    return { step: stepOf(this.machine, id), inner, items: items.map(Number) };
  }
}

function outcomeOf(step: Step, outcome: Outcome): StepOutcome {
  if ('error' in outcome) return outcome;
  if (step.kind !== 'gate') return { verdict: null };
  const verdict = verdictOf(outcome.ok);
  if (verdict === null || step.verdicts[verdict] === undefined)
    throw new Violation(
      `${step.id} returned the verdict ${JSON.stringify(verdict)}, which its row does not list`,
    );
  return { verdict };
}

/** A gate of the core returns its verdict alone, or with more; one that stops before its deadline says whether it is done. */
function verdictOf(ok: unknown): string | null {
  if (typeof ok === 'string') return ok;
  const { verdict, done } = (ok ?? {}) as { verdict?: string; done?: boolean };
  return verdict ?? (done === undefined ? null : done ? 'done' : 'more');
}

/** Numbers of the items that a verdict hands to a map. */
function numbersIn(ok: unknown): readonly number[] {
  const { items = [] } = (ok ?? {}) as { items?: readonly { chunk?: number; applier?: number }[] };
  return items.map(({ chunk, applier }) => chunk ?? applier ?? 0);
}
