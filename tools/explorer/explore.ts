/** Explores every interleaving of a scenario breadth first, so the trace to a violation is a shortest one. */
import { Violation } from './violation';
import { stateViolation } from './invariants';
import { EMPTY } from './memory/state';
import { exploringTriggers } from './memory/triggers';
import { loadFunctions } from './programs/functions';
import { Recovery } from './recovery';
import type { Program, Mutation, Scenario, Started } from './scenario';
import { traceOf, type TakenMove } from './trace';
import { Transitions, type Branch, type Delivery, type Move, type Slot, type World } from './transitions';

export interface Finding {
  readonly what: string;
  /** The shortest trace to it, one line per step. */
  readonly trace: readonly string[];
}

export interface Exploration {
  readonly scenario: string;
  /** Distinct states. */
  readonly states: number;
  /** Steps taken between them. */
  readonly steps: number;
  /** Steps at which a transient error had no attempts left. */
  readonly exhausted: number;
  /** Distinct states of the databases and the ledger. */
  readonly databases: number;
  /** Distinct local states of the real code. */
  readonly locals: number;
  /** Length of the longest shortest trace, in steps. */
  readonly depth: number;
  readonly seconds: number;
  /** False if the bound on states ended the search. */
  readonly complete: boolean;
  readonly finding: Finding | null;
}

export interface Options {
  readonly mutation?: Mutation;
  /** @default the scenario's */
  readonly statesMax?: number;
  /** Whether to try a recovery from every state of the databases. @default true */
  readonly recover?: boolean;
}

const INTACT: Mutation = { name: 'none' };
const DELIVERIES: readonly Delivery[] = ['done', 'lost', 'late', 'twice', 'again', 'stale'];

export const explore = (scenario: Scenario, options: Options = {}): Promise<Exploration> =>
  new Explorer(scenario, options).run();

function interchangeableSlots(programs: readonly (Program | null)[]): number[][] {
  const kinds = new Map<string, number[]>();
  for (const [slot, program] of programs.entries()) {
    const kind = program === null ? 'zombie' : (program.kind ?? program.name);
    kinds.set(kind, [...(kinds.get(kind) ?? []), slot]);
  }
  return [...kinds.values()].filter((slots) => slots.length > 1);
}

class Explorer {
  private readonly transitions: Transitions;
  /** Used by the setup and by recoveries, in which no reply is settled. */
  private readonly unsettled: Transitions;
  private readonly recovery: Recovery;
  private readonly programs: readonly (Program | null)[];
  private readonly numbers = new Map<string, number>();
  private readonly from: number[] = [];
  private readonly moves: number[] = [];
  private readonly recovered = new Set<string>();
  private readonly checked = new Set<number>();
  /** Groups of slots whose workers are interchangeable. */
  private readonly groups: readonly (readonly number[])[];
  private steps = 0;
  private exhausted = 0;
  private depth = 0;
  private start!: World;

  constructor(
    private readonly scenario: Scenario,
    private readonly options: Options,
  ) {
    const mutation = options.mutation ?? INTACT;
    const { mayFailWith = [] } = scenario;
    this.transitions = new Transitions(mutation, mayFailWith);
    this.unsettled = new Transitions(mutation, mayFailWith, this.transitions);
    this.recovery = new Recovery(this.unsettled, scenario);
    const zombies = Array.from({ length: scenario.zombiesMax }, () => null);
    this.programs = [...scenario.workers, ...zombies];
    this.groups = interchangeableSlots(this.programs);
  }

  async run(): Promise<Exploration> {
    const startedMs = performance.now();
    await loadFunctions();
    this.start = await this.prepared();
    const found = await this.search();
    return {
      scenario: this.scenario.name,
      states: this.numbers.size,
      steps: this.steps,
      exhausted: this.exhausted,
      databases: this.transitions.interner.databases,
      locals: this.transitions.behaviour.locals,
      depth: this.depth,
      seconds: Math.round(performance.now() - startedMs) / 1000,
      complete: found.complete,
      finding: found.finding,
    };
  }

  private async prepared(): Promise<World> {
    const { scenario, transitions } = this;
    const { interner } = transitions;
    const { rows, setup, faultsMax, zombiesMax, triggers = false } = scenario;
    const empty = triggers ? exploringTriggers(EMPTY) : EMPTY;
    let database = interner.state({ ...empty, source: { ...empty.source, rows }, truth: rows });
    const started = new Map<number, Slot>();
    for (const group of setup) {
      if ('worker' in group) {
        database = await this.startWorker(group, database, started);
        continue;
      }
      const { programs, until } = 'programs' in group ? group : { programs: group, until: undefined };
      const end = await new Recovery(this.unsettled, scenario).run(programs, database, until);
      if (typeof end === 'string') throw new Error(`the setup of ${scenario.name} fails: ${end}`);
      database = end;
    }
    const late = this.unsettled.takeExecuted((request) => scenario.lateFromSetup?.(request) ?? false);
    transitions.settle(interner.stateOf(database), scenario.settled ?? (() => false));
    const fresh = { database, late, faultsLeft: faultsMax, zombiesLeft: zombiesMax };
    const world = await transitions.start(this.programs, fresh);
    return { ...world, slots: world.slots.map((slot, index) => started.get(index) ?? slot) };
  }

  /** Runs a worker alone until its next request is the one to stop before. */
  private async startWorker(
    { worker, before }: Started,
    database: number,
    started: Map<number, Slot>,
  ): Promise<number> {
    const { transitions, programs } = this;
    const slot = programs.findIndex((program) => program?.name === worker);
    const alone = programs.map((program, index) => (index === slot ? program : null));
    let world = await transitions.start(alone, { database, late: [], faultsLeft: 0, zombiesLeft: 0 });
    for (;;) {
      const [next] = world.slots[slot]!.local?.pending ?? [];
      if (next === undefined) throw new Error(`${worker} of ${this.scenario.name} ends during the setup`);
      if (before(transitions.interner.requestOf(next.request))) break;
      const [branch] = await transitions.apply(alone, world, {
        ...{ kind: 'step', slot, call: next.call, delivery: 'done' },
      } as const);
      world = branch!.world;
    }
    started.set(slot, world.slots[slot]!);
    return world.database;
  }

  private async search(): Promise<{ complete: boolean; finding: Finding | null }> {
    const statesMax = this.options.statesMax ?? this.scenario.statesMax;
    let level: World[] = [this.start];
    this.visit(this.start, -1, 0);
    const wrong = await this.violationIn(this.start);
    if (wrong !== null) return { complete: false, finding: await this.finding(wrong, 0) };
    let number = 0;
    for (; level.length > 0; this.depth += 1) {
      const next: World[] = [];
      for (const world of level) {
        for (const move of this.movesOf(world)) {
          const taken = await this.take(world, move);
          if (typeof taken === 'string')
            return { complete: false, finding: await this.finding(taken, number, { move, branch: 0 }) };
          for (const [branch, reached] of taken.entries()) {
            this.steps += 1;
            if (reached.exhausted) this.exhausted += 1;
            if (!this.visit(reached.world, number, encode({ move, branch }))) continue;
            next.push(reached.world);
            const broken = await this.violationIn(reached.world);
            if (broken !== null)
              return { complete: false, finding: await this.finding(broken, this.numbers.size - 1) };
            if (this.numbers.size >= statesMax) return { complete: false, finding: null };
          }
        }
        number += 1;
      }
      level = next;
    }
    return { complete: true, finding: null };
  }

  private async take(world: World, move: Move): Promise<readonly Branch[] | string> {
    try {
      return await this.transitions.apply(this.programs, world, move);
    } catch (error) {
      if (error instanceof Violation) return error.message;
      throw error;
    }
  }

  /** Numbers states in the order in which they are first visited, which is also the order in which they are expanded. */
  private visit(world: World, from: number, move: number): boolean {
    const slots = world.slots.map(({ place, local }) => `${place ?? ''}/${local?.id ?? ''}`);
    for (const groups of this.groups) {
      const sorted = groups.map((slot) => slots[slot]!).sort();
      groups.forEach((slot, index) => (slots[slot] = sorted[index]!));
    }
    const key = `${world.database} ${slots.join()} ${world.late.join()} ${world.faultsLeft}${world.zombiesLeft}`;
    if (this.numbers.has(key)) return false;
    this.numbers.set(key, this.numbers.size);
    this.from.push(from);
    this.moves.push(move);
    return true;
  }

  private async violationIn(world: World): Promise<string | null> {
    if (!this.checked.has(world.database)) {
      this.checked.add(world.database);
      const state = this.transitions.interner.stateOf(world.database);
      const broken = stateViolation(state) ?? this.transitions.unsettledIn(state);
      if (broken !== null) return broken;
    }
    if (this.options.recover === false) return null;
    const key = `${world.database} ${world.late.join()}`;
    if (this.recovered.has(key)) return null;
    this.recovered.add(key);
    return this.recovery.failureFrom(world);
  }

  private movesOf(world: World): Move[] {
    const { scenario, transitions, programs } = this;
    const moves: Move[] = [];
    const faulty = world.faultsLeft > 0;
    for (const [slot, { local }] of world.slots.entries()) {
      if (local === null) continue;
      for (const pending of local.pending) {
        const { call, request } = pending;
        moves.push({ kind: 'step', slot, call, delivery: 'done' });
        if (!faulty || scenario.faulty?.(transitions.interner.requestOf(request)) === false) continue;
        for (const delivery of transitions.faultsOf(pending))
          moves.push({ kind: 'step', slot, call, delivery });
      }
      if (world.zombiesLeft > 0 && programs[slot]?.mayBeAbandoned && !local.isRoot)
        moves.push({ kind: 'abandon', slot });
    }
    for (const request of new Set(world.late)) moves.push({ kind: 'late', request });
    return moves;
  }

  /** Reconstructs the trace to a violation. */
  private async finding(what: string, number: number, last?: TakenMove): Promise<Finding> {
    const moves: TakenMove[] = last ? [last] : [];
    for (let at = number; at > 0; at = this.from[at]!) moves.unshift(decode(this.moves[at]!));
    return { what, trace: await traceOf(this.transitions, this.programs, this.start, moves) };
  }
}

const LATE = 1e9;
const ABANDONED = 2e9;

/** Packs a move and the branch that was taken into one number, because there are many. */
function encode({ move, branch }: TakenMove): number {
  if (move.kind === 'late') return LATE + move.request;
  if (move.kind === 'abandon') return ABANDONED + branch * 100 + move.slot;
  return (
    ((branch * DELIVERIES.length + DELIVERIES.indexOf(move.delivery)) * 100 + move.slot) * 10_000 + move.call
  );
}

function decode(code: number): TakenMove {
  if (code >= ABANDONED) {
    const place = code - ABANDONED;
    return { move: { kind: 'abandon', slot: place % 100 }, branch: Math.floor(place / 100) };
  }
  if (code >= LATE) return { move: { kind: 'late', request: code - LATE }, branch: 0 };
  const place = Math.floor(code / 10_000);
  const taken = Math.floor(place / 100);
  const delivery = DELIVERIES[taken % DELIVERIES.length]!;
  return {
    move: { kind: 'step', slot: place % 100, call: code % 10_000, delivery },
    branch: Math.floor(taken / DELIVERIES.length),
  };
}
