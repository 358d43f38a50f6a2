/** One invocation of the real code. It runs until it waits for replies and continues when the explorer delivers one. */
import type { Clock } from '../../src/core/ports';
import type { Interner } from './interner';
import { isRead } from './memory/execute';
import type { Reply, Request } from './memory/state';
import { errorOf, type Send } from './memory/world';

/** The ports that an invocation's code uses. */
export interface Ports {
  readonly send: Send;
  readonly clock: Clock;
}

export type Outcome = { readonly ok: unknown } | { readonly error: string; readonly message: string };

/** Returned by a job that must run again and keeps no state from this round. */
export const AGAIN = Object.freeze({ again: true });

export const isAgain = (outcome: Outcome): boolean => 'ok' in outcome && outcome.ok === AGAIN;

/** A function with its input. Jobs with equal names behave the same. */
export interface Job {
  readonly name: string;
  run(ports: Ports): Promise<unknown>;
}

interface Call {
  readonly request: number;
  reply: number | null;
  settle(reply: Reply): void;
}

const START_MS = Date.UTC(2030, 0, 1);

/** Resolves in the next turn of the event loop, after every pending microtask. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Replies to requests whose reply never changes within a scenario. Null: the request is a separate step. */
export type Settled = (request: Request) => Reply | null;

export class Actor {
  readonly calls: Call[] = [];
  outcome: Outcome | null = null;
  private spentMs = 0;
  /** Index of the first call since the last pause: if all calls since then are reads, the code is polling. */
  private since = 0;

  constructor(
    private readonly interner: Interner,
    private readonly mutate: (request: Request) => Request,
    private readonly known: Settled,
  ) {}

  async start(job: Job): Promise<void> {
    const clock = { now: () => START_MS + this.spentMs, sleep: (ms: number) => this.sleep(ms) };
    job.run({ send: (request) => this.send(request), clock }).then(
      (ok) => (this.outcome = { ok }),
      (error: unknown) => {
        const { name, message } = error as Error;
        this.outcome = { error: name, message };
      },
    );
    await settled();
  }

  async reply(call: number, reply: number): Promise<void> {
    const repliedCall = this.calls[call]!;
    repliedCall.reply = reply;
    this.spentMs += 1;
    repliedCall.settle(this.interner.replyOf(reply));
    await settled();
  }

  private async send(original: Request): Promise<unknown> {
    const request = this.mutate(original);
    const known = this.known(request);
    const reply = known ?? (await this.wait(request));
    if ('failure' in reply) throw errorOf(reply.failure);
    return reply.value;
  }

  private wait(request: Request): Promise<Reply> {
    const number = this.interner.request(request);
    return new Promise((settle) => this.calls.push({ request: number, reply: null, settle }));
  }

  /**
   * A pause after a failure or a write ends immediately: its length is unobservable. A pause between polls ends when one of the
   * reads would return something else; until then another round would change nothing.
   */
  private async sleep(ms: number): Promise<void> {
    this.spentMs += ms;
    const polled = this.calls.slice(this.since);
    this.since = this.calls.length;
    const isPoll = polled.length > 0 && polled.every((call) => this.isRepliedRead(call));
    if (!isPoll) return;
    const reads = polled.map(({ request, reply }) => [request, reply]);
    await this.wait({ at: 'clock', op: 'sleep', args: { reads } });
    this.since = this.calls.length;
  }

  private isRepliedRead({ request, reply }: Call): boolean {
    if (reply === null || !isRead(this.interner.requestOf(request))) return false;
    return 'value' in this.interner.replyOf(reply);
  }
}
