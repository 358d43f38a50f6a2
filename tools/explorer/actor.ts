/** One invocation of the real code: it runs until it waits for answers, and goes on with the one that it is given. */
import type { Clock } from '../../src/core/ports';
import type { Lexicon } from './lexicon';
import { isRead } from './memory/execute';
import type { Answer, Request } from './memory/state';
import { errorOf, type Ask } from './memory/world';

/** What an invocation's code acts on. */
export interface Ports {
  readonly ask: Ask;
  readonly clock: Clock;
}

export type Outcome = { readonly ok: unknown } | { readonly error: string; readonly message: string };

/** What a job returns that is to run once more, and that remembers nothing of this round. */
export const AGAIN = Object.freeze({ again: true });

export const isAgain = (outcome: Outcome): boolean => 'ok' in outcome && outcome.ok === AGAIN;

/** A function's code with its input. Its name says all that distinguishes it: equal names, equal behaviour. */
export interface Job {
  readonly name: string;
  run(ports: Ports): Promise<unknown>;
}

interface Call {
  readonly request: number;
  answer: number | null;
  settle(answer: Answer): void;
}

const START_MS = Date.UTC(2030, 0, 1);

/** Every microtask that is due has run when the next turn of the event loop begins. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Requests whose answer never changes within a scenario: answered at once. Null: it is a step. */
export type Settled = (request: Request) => Answer | null;

export class Actor {
  readonly calls: Call[] = [];
  outcome: Outcome | null = null;
  private spentMs = 0;
  /** Calls since the last pause: if they only read, the pause is a poll's. */
  private since = 0;

  constructor(
    private readonly lexicon: Lexicon,
    private readonly weaken: (request: Request) => Request,
    private readonly known: Settled,
  ) {}

  async start(job: Job): Promise<void> {
    const clock = { now: () => START_MS + this.spentMs, sleep: (ms: number) => this.sleep(ms) };
    job.run({ ask: (request) => this.ask(request), clock }).then(
      (ok) => (this.outcome = { ok }),
      (error: unknown) => {
        const { name, message } = error as Error;
        this.outcome = { error: name, message };
      },
    );
    await settled();
  }

  async answer(call: number, answer: number): Promise<void> {
    const answered = this.calls[call]!;
    answered.answer = answer;
    this.spentMs += 1;
    answered.settle(this.lexicon.answerOf(answer));
    await settled();
  }

  private async ask(asked: Request): Promise<unknown> {
    const request = this.weaken(asked);
    const known = this.known(request);
    const answer = known ?? (await this.wait(request));
    if ('failure' in answer) throw errorOf(answer.failure);
    return answer.value;
  }

  private wait(request: Request): Promise<Answer> {
    const number = this.lexicon.request(request);
    return new Promise((settle) => this.calls.push({ request: number, answer: null, settle }));
  }

  /**
   * A pause after a failure or a write is over at once: nobody can tell how long it was. A poll's ends when one of its reads
   * would be answered otherwise than before; until then, another round would change nothing.
   */
  private async sleep(ms: number): Promise<void> {
    this.spentMs += ms;
    const polled = this.calls.slice(this.since);
    this.since = this.calls.length;
    const isPoll = polled.length > 0 && polled.every((call) => this.isAnsweredRead(call));
    if (!isPoll) return;
    const reads = polled.map(({ request, answer }) => [request, answer]);
    await this.wait({ at: 'clock', op: 'sleep', args: { reads } });
    this.since = this.calls.length;
  }

  private isAnsweredRead({ request, answer }: Call): boolean {
    if (answer === null || !isRead(this.lexicon.requestOf(request))) return false;
    return 'value' in this.lexicon.answerOf(answer);
  }
}
