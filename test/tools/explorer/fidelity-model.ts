/** The explorer's databases, called sequentially, and the replies that a fidelity test compares. */
import type { World } from '../../../src/core/world';
import type { Shape, StepId } from '../../../src/contract/lifecycle';
import { execute } from '../../../tools/explorer/memory/execute';
import { definitionOf } from '../../../tools/explorer/memory/scene';
import { EMPTY, type Request, type State } from '../../../tools/explorer/memory/state';
import { exploringTriggers } from '../../../tools/explorer/memory/triggers';
import { errorOf, worldOf } from '../../../tools/explorer/memory/world';
import { loadFunctions } from '../../../tools/explorer/programs/functions';
import { migration } from '../../../tools/explorer/programs/machines';

export class Model {
  state: State;
  readonly world: World;
  /** Whether the last request waits. */
  waits = false;

  constructor(private readonly of: { readonly shape: Shape; readonly triggers: boolean }) {
    const send = (request: Request) => this.send(request);
    const clock = { now: Date.now, sleep: async () => undefined };
    const { shape, triggers } = of;
    this.state = triggers ? exploringTriggers(EMPTY) : EMPTY;
    this.world = worldOf({
      ...{ definition: definitionOf(shape), send, clock, cuts: 1, triggers },
      isRunning: () => false,
    });
  }

  async send(request: Request): Promise<unknown> {
    const effect = execute(this.state, request);
    this.waits = effect === null;
    if (!effect) return 'waits';
    this.state = effect.state;
    if ('failure' in effect.reply) throw errorOf(effect.reply.failure);
    return effect.reply.value;
  }

  /** Runs these steps of the migration. */
  async walk(steps: readonly StepId[]): Promise<void> {
    await loadFunctions();
    const program = migration({ ...this.of, cuts: 1 });
    for (const step of steps)
      await program.job(step).run({ send: (request) => this.send(request), clock: this.world.clock });
  }
}

/** The reply to a call or the name of its error, which is all that the rules see. */
export async function heard(call: () => Promise<unknown>): Promise<unknown> {
  try {
    const reply = await call();
    if (reply instanceof Map || reply instanceof Set) return [...(reply as Iterable<unknown>)].sort();
    return reply ?? null;
  } catch (error) {
    const { name, sqlState } = error as { name: string; sqlState?: string };
    return sqlState === undefined ? name : `${name} ${sqlState}`;
  }
}
