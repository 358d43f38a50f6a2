/**
 * Liveness: from any state, if all workers died, new workers reach an acceptable end, and requests that arrive later do not
 * change it.
 */
import { Violation } from './violation';
import type { State } from './memory/state';
import type { Program, Scenario } from './scenario';
import type { Transitions, World } from './transitions';

const STEPS_MAX = 4_000;

export class Recovery {
  /** Database state at the end of a recovery, by each state that the recovery passed through. */
  private readonly ends = new Map<string, number>();
  private readonly quiescent = new Set<string>();

  constructor(
    private readonly transitions: Transitions,
    private readonly scenario: Scenario,
  ) {}

  /** @returns the violation after a recovery from a state, or null */
  async failureFrom({ database, late }: World): Promise<string | null> {
    const { transitions, scenario } = this;
    const end = await this.run(scenario.recovery, this.rolledBack(database));
    if (typeof end === 'string') return end;
    const wrong = scenario.goal(transitions.interner.stateOf(end));
    if (wrong !== null) return `all workers died, new ones ran to their ends, and ${wrong}`;
    return this.lateChange(end, late);
  }

  /** Runs programs in turns and without faults until the first one ends or `isOver` holds. */
  async run(
    programs: readonly Program[],
    from: number,
    isOver: (state: State) => boolean = () => false,
  ): Promise<number | string> {
    const { transitions } = this;
    const quiescent = { database: from, late: [], faultsLeft: 0, zombiesLeft: 0 };
    let world = await transitions.start(programs, quiescent);
    const passed: string[] = [];
    for (let steps = 0, turn = 0; ; steps += 1, turn = (turn + 1) % programs.length) {
      const key = `${turn},${world.database},${world.slots.map(({ place, local }) => `${place}/${local?.id ?? ''}`).join()}`;
      const known = this.ends.get(key);
      if (known !== undefined) return this.keep(passed, known);
      passed.push(key);
      if (steps > STEPS_MAX)
        return `a recovery does not end: ${world.slots.map(({ place }) => place).join(', ')}`;
      const next = await this.turn(programs, world, turn);
      if (typeof next === 'string') return next;
      if (next === null && world.slots[0]!.place !== null)
        return `no program can take a step: ${world.slots.map(({ place }) => place ?? 'ended').join(', ')}`;
      if (next === null || next.slots[0]!.place === null) return this.keep(passed, (next ?? world).database);
      if (isOver(transitions.interner.stateOf(next.database))) return next.database;
      world = next;
    }
  }

  private keep(passed: readonly string[], end: number): number {
    for (const key of passed) this.ends.set(key, end);
    return end;
  }

  /** Takes one step of the first program, counted from this turn, that can take one; a retry if there is a choice. */
  private async turn(
    programs: readonly Program[],
    world: World,
    turn: number,
  ): Promise<World | null | string> {
    for (let offset = 0; offset < programs.length; offset += 1) {
      const slot = (turn + offset) % programs.length;
      for (const { call } of world.slots[slot]!.local?.pending ?? []) {
        try {
          const move = { kind: 'step', slot, call, delivery: 'done' } as const;
          const [first] = await this.transitions.apply(programs, world, move);
          if (first) return first.world;
        } catch (error) {
          if (error instanceof Violation) return `in a recovery, ${error.message}`;
          throw error;
        }
      }
    }
    return null;
  }

  /** Rolls back the transaction of a session that died. */
  private rolledBack(database: number): number {
    const { interner } = this.transitions;
    const state = interner.stateOf(database);
    return state.source.open === null
      ? database
      : interner.state({ ...state, source: { ...state.source, open: null } });
  }

  private lateChange(end: number, late: readonly number[]): string | null {
    const key = `${end} ${late.join()}`;
    if (late.length === 0 || this.quiescent.has(key)) return null;
    const { transitions, scenario } = this;
    let database = end;
    for (const request of late) database = transitions.effect(database, request)?.database ?? database;
    const wrong = scenario.goal(transitions.interner.stateOf(database));
    if (wrong !== null) return `after the end, a late request arrived, and ${wrong}`;
    this.quiescent.add(key);
    return null;
  }
}
