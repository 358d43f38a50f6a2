/**
 * Caches what the real code does as a tree of replies per job. The code is deterministic, so equal replies lead to equal local
 * states; the explorer walks the tree and runs code only for branches that it has not visited.
 */
import { Actor, type Job, type Outcome, type Settled } from './actor';
import type { Interner } from './interner';
import type { Request } from './memory/state';

export interface Pending {
  /** Position among the calls of the invocation. */
  readonly call: number;
  readonly request: number;
}

/** A local state of one job: the replies so far and the pending calls. */
export interface Local {
  readonly id: number;
  readonly job: Job;
  readonly pending: readonly Pending[];
  readonly outcome: Outcome | null;
  readonly isRoot: boolean;
}

interface Node extends Local {
  readonly from: { readonly node: Node; readonly call: number; readonly reply: number } | null;
  readonly next: Map<number, Node>;
  /** The suspended code in this state; the first transition out of it takes it. */
  actor: Actor | null;
}

const REPLIES_MAX = 2 ** 26;

export class Behaviour {
  private readonly roots = new Map<string, Node>();
  private readonly nodes = new Map<string, Node>();
  private count = 0;
  /** Invocations that had to be rerun from their start. */
  replays = 0;

  constructor(
    private readonly interner: Interner,
    private readonly mutate: (request: Request) => Request,
    private readonly known: Settled,
  ) {}

  get locals(): number {
    return this.count;
  }

  async root(job: Job): Promise<Local> {
    const known = this.roots.get(job.name);
    if (known) return known;
    const actor = await this.begin(job);
    const root = this.nodeOf(job, actor, null);
    this.roots.set(job.name, root);
    return root;
  }

  /** The local state after a reply, if it has been visited. */
  peek(local: Local, call: number, reply: number): Local | undefined {
    return (local as Node).next.get(call * REPLIES_MAX + reply);
  }

  async learn(local: Local, call: number, reply: number): Promise<Local> {
    const node = local as Node;
    const actor = node.actor ?? (await this.replay(node));
    node.actor = null;
    await actor.reply(call, reply);
    const next = this.nodeOf(node.job, actor, { node, call, reply });
    node.next.set(call * REPLIES_MAX + reply, next);
    return next;
  }

  private async begin(job: Job): Promise<Actor> {
    const actor = new Actor(this.interner, this.mutate, this.known);
    await actor.start(job);
    return actor;
  }

  private async replay(node: Node): Promise<Actor> {
    this.replays += 1;
    const path: { call: number; reply: number }[] = [];
    for (let at = node.from; at !== null; at = at.node.from) path.push(at);
    const actor = await this.begin(node.job);
    for (const { call, reply } of path.reverse()) await actor.reply(call, reply);
    return actor;
  }

  /**
   * Equal replies to equal calls are one local state, whatever their order: what the code does next depends on the replies, not
   * on the order in which concurrent calls were replied to.
   */
  private nodeOf(job: Job, actor: Actor, from: Node['from']): Node {
    const { calls, outcome } = actor;
    const text = outcome
      ? `= ${JSON.stringify(outcome)}`
      : calls.map(({ request, reply }) => `${request}:${reply ?? '?'}`).join();
    const key = `${job.name} ${text}`;
    const known = this.nodes.get(key);
    if (known) {
      if (outcome === null) known.actor ??= actor;
      return known;
    }
    const pending = calls.flatMap(({ request, reply }, call) => (reply === null ? [{ call, request }] : []));
    const node: Node = {
      id: this.count,
      job,
      pending: outcome ? [] : pending,
      outcome,
      isRoot: from === null,
      from,
      next: new Map(),
      actor: outcome ? null : actor,
    };
    this.count += 1;
    this.nodes.set(key, node);
    return node;
  }
}
