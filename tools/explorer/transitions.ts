/** Where one step leads. A state of the explorer: the databases, each worker's place, and the requests in flight. */
import { errorKind, LOST_RESPONSE_ERRORS, SUPERSEDED_ERRORS } from '../../src/contract/errors';
import { isAgain, type Outcome } from './actor';
import { Behaviour, type Local, type Pending } from './behaviour';
import { Violation } from './violation';
import { transitionViolation } from './invariants';
import { Interner } from './interner';
import { execute, isRead } from './memory/execute';
import { lawViolation } from './memory/law';
import { isSpent } from './memory/spent';
import type { Reply, Request, State } from './memory/state';
import type { Program, Mutation, Successor } from './scenario';

export interface Slot {
  /** Place in the program; null at its end. */
  readonly place: string | null;
  readonly local: Local | null;
}

export interface World {
  readonly database: number;
  readonly slots: readonly Slot[];
  /** Requests in flight whose sender was abandoned or has its reply: each may be executed at any time, or never. */
  readonly late: readonly number[];
  readonly faultsLeft: number;
  readonly zombiesLeft: number;
}

/** How a request is delivered. */
export type Delivery =
  | 'done'
  /** Executed; the reply is lost. */
  | 'lost'
  /** Its sender gets an error; it is executed later, or never. */
  | 'late'
  /** Executed and replied to; a copy is executed later, or never. */
  | 'twice'
  /** Executed twice in a row; the sender gets the second reply. */
  | 'again'
  /** Served by a stale copy of the control table. */
  | 'stale';

export type Move =
  | { readonly kind: 'step'; readonly slot: number; readonly call: number; readonly delivery: Delivery }
  | { readonly kind: 'late'; readonly request: number }
  /** Step Functions abandons a job, which continues, and starts it again or has no attempts left. */
  | { readonly kind: 'abandon'; readonly slot: number };

/** A world after a move. A move that ends a job has one branch for each place where the program may continue. */
export interface Branch {
  readonly world: World;
  /** A transient error had no attempts left. */
  readonly exhausted: boolean;
}

export const ENDED: Slot = { place: null, local: null };

interface Done {
  readonly database: number;
  readonly reply: number;
  readonly wrong: string | null;
}

const TRANSIENT: Reply = { failure: { name: 'TransientFailure', message: 'the reply was lost' } };
const REQUESTS_MAX = 2 ** 20;
/** The outcome that Step Functions assumes for an abandoned job. */
const ABANDONED: Outcome = { error: LOST_RESPONSE_ERRORS.at(-1)!, message: 'the response was lost' };

export class Transitions {
  readonly interner: Interner;
  readonly behaviour: Behaviour;
  private readonly effects: Map<number, Done | null>;
  private readonly settled = new Map<number, Reply>();
  private readonly executed = new Set<number>();
  private base: State | null = null;
  private isSettled: (request: Request) => boolean = () => false;
  private readonly transient: number;

  /**
   * @param mayFailWith errors that are not findings
   * @param shared transitions whose caches are reused; settled replies are not shared
   */
  constructor(
    private readonly mutation: Mutation,
    private readonly mayFailWith: readonly string[],
    shared?: Transitions,
  ) {
    this.interner = shared?.interner ?? new Interner();
    this.effects = shared?.effects ?? new Map<number, Done | null>();
    const mutate = (request: Request): Request => mutation.mutate?.(request) ?? request;
    this.behaviour = new Behaviour(this.interner, mutate, (request) => this.known(request));
    this.transient = this.interner.reply(TRANSIENT);
  }

  /** From now on, these requests get the replies of this state. */
  settle(state: State, isSettled: (request: Request) => boolean): void {
    this.base = state;
    this.isSettled = isSettled;
  }

  /** @returns the settled request whose reply would differ in this state, or null */
  unsettledIn(state: State): string | null {
    for (const [number, reply] of this.settled) {
      const request = this.interner.requestOf(number);
      const now = execute(state, request)!.reply;
      if (this.interner.reply(now) !== this.interner.reply(reply))
        return `${request.op} ${JSON.stringify(request.args)} is declared settled, but its reply has changed`;
    }
    return null;
  }

  private known(request: Request): Reply | null {
    if (this.base === null || !this.isSettled(request)) return null;
    const number = this.interner.request(request);
    const known = this.settled.get(number) ?? execute(this.base, request)!.reply;
    this.settled.set(number, known);
    return known;
  }

  /** Null: the request waits. */
  effect(database: number, request: number): Done | null {
    const key = database * REQUESTS_MAX + request;
    const known = this.effects.get(key);
    if (known !== undefined) return known;
    const done = this.run(database, request);
    this.effects.set(key, done);
    return done;
  }

  /** Late copies of the requests that were executed since the last call, each once. */
  takeExecuted(isCopied: (request: Request) => boolean): number[] {
    const executed = [...this.executed].filter((number) => isCopied(this.interner.requestOf(number)));
    this.executed.clear();
    return executed.sort((left, right) => left - right);
  }

  private run(database: number, number: number): Done | null {
    const request = this.interner.requestOf(number);
    if (request.op === 'sleep') return this.wake(database, request);
    this.executed.add(number);
    const state = this.interner.stateOf(database);
    const effect = execute(state, request);
    if (!effect) return null;
    const after = effect.state === state ? database : this.interner.state(effect.state);
    const reply = this.interner.reply(effect.reply);
    // A decreasing number is not harm in itself: with a protection disabled, the search is for real harm.
    const wrong =
      after === database || this.mutation.mutate
        ? null
        : (transitionViolation(state, effect.state) ?? lawViolation(state, effect.state, request));
    return { database: after, reply, wrong };
  }

  /** A pause between polls ends when one of the reads would return something else. */
  private wake(database: number, { args }: Request): Done | null {
    const reads = args.reads as [number, number][];
    if (reads.every(([read, reply]) => this.effect(database, read)?.reply === reply)) return null;
    return { database, reply: this.interner.reply({ value: null }), wrong: null };
  }

  /** Creates the world in which every program is at its first job. */
  async start(programs: readonly (Program | null)[], world: Omit<World, 'slots'>): Promise<World> {
    let started: World = { ...world, slots: programs.map(() => ENDED) };
    for (const [slot, program] of programs.entries())
      if (program) started = (await this.entered(programs, started, slot, program.first))[0]!.world;
    return started;
  }

  /** Delivers the reply to one call of one worker; at the end of a job, its program continues with the next. */
  private async reply(
    programs: readonly (Program | null)[],
    world: World,
    slot: number,
    call: number,
    reply: number,
  ): Promise<readonly Branch[]> {
    const { local, place } = world.slots[slot]!;
    const next =
      this.behaviour.peek(local!, call, reply) ?? (await this.behaviour.learn(local!, call, reply));
    const after = this.with(world, slot, { place, local: next });
    return next.outcome === null ? [only(after)] : this.ended(programs, after, slot, next.outcome);
  }

  /** The branches after the end of a job. */
  private async ended(
    programs: readonly (Program | null)[],
    world: World,
    slot: number,
    outcome: Outcome,
  ): Promise<readonly Branch[]> {
    const { local, place } = world.slots[slot]!;
    if (isAgain(outcome)) {
      const round = await this.behaviour.root(local!.job);
      return [only(this.with(world, slot, { place, local: round }))];
    }
    const program = programs[slot] ?? null;
    this.refuseUnexpected(programs, program, place!, outcome);
    if (program === null) return [only(this.with(world, slot, ENDED))];
    return this.continued(programs, world, slot, program.next(place!, outcome));
  }

  private async continued(
    programs: readonly (Program | null)[],
    world: World,
    slot: number,
    successors: readonly Successor[],
  ): Promise<readonly Branch[]> {
    const branches: Branch[] = [];
    for (const { place, exhausted = false } of successors) {
      // Every state already covers a worker that takes no more steps, so an end next to a retry needs no branch.
      if (exhausted && place === null) continue;
      for (const branch of await this.entered(programs, world, slot, place))
        branches.push(exhausted ? { ...branch, exhausted } : branch);
    }
    return branches;
  }

  private async entered(
    programs: readonly (Program | null)[],
    world: World,
    slot: number,
    place: string | null,
  ): Promise<readonly Branch[]> {
    if (place === null) return [only(this.with(world, slot, ENDED))];
    const local = await this.behaviour.root(programs[slot]!.job(place));
    const after = this.with(world, slot, { place, local });
    // A job that makes no request takes no step.
    return local.outcome === null ? [only(after)] : this.ended(programs, after, slot, local.outcome);
  }

  private with(world: World, slot: number, changed: Slot): World {
    return { ...world, slots: world.slots.with(slot, changed) };
  }

  /** The branches of a move: none if it is impossible now; the first applies while attempts are left. */
  async apply(programs: readonly (Program | null)[], world: World, move: Move): Promise<readonly Branch[]> {
    const branches = await this.move(programs, world, move);
    if (this.mutation.mutate || branches.every((branch) => branch.world.late.length === 0)) return branches;
    return branches.map((branch) => ({ ...branch, world: this.unspent(branch.world) }));
  }

  private unspent(world: World): World {
    const state = this.interner.stateOf(world.database);
    const late = world.late.filter((request) => !isSpent(state, this.interner.requestOf(request)));
    return late.length === world.late.length ? world : { ...world, late };
  }

  private async move(
    programs: readonly (Program | null)[],
    world: World,
    move: Move,
  ): Promise<readonly Branch[]> {
    if (move.kind === 'abandon') return this.abandon(programs, world, move.slot);
    if (move.kind === 'late') {
      const done = this.effect(world.database, move.request);
      if (!done) return [];
      if (done.wrong !== null) throw new Violation(done.wrong);
      // It may as well arrive later, or never.
      if (done.database === world.database) return [];
      const at = world.late.indexOf(move.request);
      return [only({ ...world, database: done.database, late: world.late.toSpliced(at, 1) })];
    }
    const { pending } = world.slots[move.slot]!.local!;
    const { request } = pending.find(({ call }) => call === move.call)!;
    const sent = this.send(world, request, move.delivery);
    if (sent === null) return [];
    return this.reply(programs, sent.world, move.slot, move.call, sent.reply);
  }

  private send(world: World, request: number, delivery: Delivery): { world: World; reply: number } | null {
    if (delivery === 'late') {
      return { world: this.fault({ ...world, late: added(world.late, request) }), reply: this.transient };
    }
    if (delivery === 'stale' && isRead(this.interner.requestOf(request)))
      return { world: this.fault(world), reply: this.staleReply(request) };
    const done = this.effect(world.database, delivery === 'stale' ? this.staleVerdict(request) : request);
    if (!done) return null;
    if (done.wrong !== null) throw new Violation(done.wrong);
    const after = { ...world, database: done.database };
    switch (delivery) {
      case 'stale':
        return { world: this.fault(after), reply: done.reply };
      case 'done':
        return { world: after, reply: done.reply };
      case 'lost':
        return { world: this.fault(after), reply: this.transient };
      case 'twice':
        return { world: this.fault({ ...after, late: added(world.late, request) }), reply: done.reply };
      case 'again': {
        const second = this.effect(done.database, request);
        if (!second) return null;
        if (second.wrong !== null) throw new Violation(second.wrong);
        return { world: this.fault({ ...world, database: second.database }), reply: second.reply };
      }
    }
  }

  /** The reply to a request, for a trace; undefined if the request waits. */
  replyTo({ database }: World, request: number, delivery: Delivery): number | undefined {
    if (delivery !== 'stale') return this.effect(database, request)?.reply;
    return isRead(this.interner.requestOf(request))
      ? this.staleReply(request)
      : this.effect(database, this.staleVerdict(request))?.reply;
  }

  /** The reply of a copy that was last updated at the start of the scenario. */
  private staleReply(request: number): number {
    return this.effect(this.interner.state(this.base!), request)!.reply;
  }

  /** An applier's write that uses the chunks' state at the start of the scenario. */
  private staleVerdict(request: number): number {
    const { args, ...rest } = this.interner.requestOf(request);
    const keys = (args.changes as readonly { key: string }[]).map(({ key }) => key);
    const places = { ...rest, op: 'placeKeys', args: { prefix: args.prefix, keys } };
    const verdicts = (execute(this.base!, places)!.reply as { value: string[] }).value;
    const asPlaced = verdicts.map((verdict) => (verdict === 'closed' ? 'applied' : verdict));
    return this.interner.request({ ...rest, args: { ...args, verdicts: asPlaced } });
  }

  private fault = (world: World): World => ({ ...world, faultsLeft: world.faultsLeft - 1 });

  /** Moves the old invocation to a separate slot; the program continues as after a lost response. */
  private async abandon(
    programs: readonly (Program | null)[],
    world: World,
    slot: number,
  ): Promise<readonly Branch[]> {
    const free = world.slots.findIndex(({ place }, index) => programs[index] === null && place === null);
    if (free < 0) return [];
    const { place, local } = world.slots[slot]!;
    const slots = world.slots.with(free, { place: `${place}, abandoned`, local });
    const before = { ...world, slots, zombiesLeft: world.zombiesLeft - 1 };
    return this.continued(programs, before, slot, programs[slot]!.next(place!, ABANDONED));
  }

  /** Faulty deliveries that are possible for a request. */
  faultsOf({ request: number }: Pending): readonly Delivery[] {
    const request = this.interner.requestOf(number);
    const { staleReads = false, staleVerdicts = false } = this.mutation;
    if (staleVerdicts && request.op === 'applyRows') return ['stale'];
    if (isRead(request)) return staleReads && request.at === 'ledger' ? ['stale'] : [];
    // The control table's client retries by itself; the databases' client does not.
    if (request.at === 'ledger') return ['again', 'twice'];
    return request.at === 'source' || request.at === 'target' ? ['lost', 'late', 'twice'] : [];
  }

  private refuseUnexpected(
    programs: readonly (Program | null)[],
    program: Program | null,
    place: string,
    outcome: Outcome,
  ): void {
    if (!('error' in outcome)) return;
    const { error, message } = outcome;
    if (errorKind(error) === 'transient' || SUPERSEDED_ERRORS.includes(error)) return;
    if (this.mayFailWith.includes(error)) return;
    // An abandoned invocation may belong to any of the programs.
    if ((program ? [program] : programs).some((one) => one?.mayFailWith?.includes(error))) return;
    throw new Violation(
      `${program?.name ?? 'an abandoned invocation'} fails at ${place}: ${error}: ${message}`,
    );
  }
}

const only = (world: World): Branch => ({ world, exhausted: false });

const added = (late: readonly number[], request: number): number[] =>
  [...late, request].sort((left, right) => left - right);
