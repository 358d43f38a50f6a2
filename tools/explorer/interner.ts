/** Interns values as numbers: equal values share one, so a state is stored and compared as a few numbers. */
import { canonical, canonicalFields, type Reply, type Request, type State } from './memory/state';

class Numbers<T> {
  private readonly byText = new Map<string, number>();
  private readonly values: T[] = [];

  of(text: string, value: T): number {
    const known = this.byText.get(text);
    if (known !== undefined) return known;
    this.byText.set(text, this.values.length);
    this.values.push(value);
    return this.values.length - 1;
  }

  value(number: number): T {
    return this.values[number]!;
  }

  get size(): number {
    return this.values.length;
  }
}

type Part = keyof State;
const PARTS: readonly Part[] = ['source', 'target', 'ledger', 'truth'];

export class Interner {
  private readonly requests = new Numbers<Request>();
  private readonly replies = new Numbers<Reply>();
  private readonly states = new Numbers<State>();
  private readonly parts = new Numbers<unknown>();
  private readonly items = new Numbers<unknown>();
  private readonly known = new WeakMap<object, number>();
  private readonly fields = new WeakMap<object, string>();
  private readonly knownItems = new WeakMap<object, number>();

  request(request: Request): number {
    return this.requests.of(canonical(request), request);
  }

  requestOf = (number: number): Request => this.requests.value(number);

  reply(reply: Reply): number {
    return this.replies.of('failure' in reply ? canonical(reply) : this.valueText(reply.value), reply);
  }

  replyOf = (number: number): Reply => this.replies.value(number);

  /** Parts that a statement did not change are the same objects and need no new comparison. */
  state(state: State): number {
    const numbers = PARTS.map((part) => this.part(part, state[part]));
    const shared = Object.fromEntries(PARTS.map((part, index) => [part, this.parts.value(numbers[index]!)]));
    return this.states.of(numbers.join(), shared as unknown as State);
  }

  stateOf = (number: number): State => this.states.value(number);

  get databases(): number {
    return this.states.size;
  }

  private part(name: Part, value: object): number {
    const known = this.known.get(value);
    if (known !== undefined) return known;
    const fields = canonicalFields(value, (field) => this.field(field));
    const number = this.parts.of(name + fields, value);
    this.known.set(value, number);
    return number;
  }

  /** Objects in a part are shared by most states, so each is written once, and named by a number. */
  private field(value: unknown): string {
    if (typeof value !== 'object' || value === null) return canonical(value);
    const known = this.fields.get(value);
    if (known !== undefined) return known;
    const text = canonicalFields(value, (item) => this.item(item));
    this.fields.set(value, text);
    return text;
  }

  /** Most replies are objects of a state, or lists of them. */
  private valueText(value: unknown): string {
    return Array.isArray(value) ? `[${value.map((item) => this.item(item)).join()}]` : this.item(value);
  }

  private item(value: unknown): string {
    if (typeof value !== 'object' || value === null) return canonical(value);
    const known = this.knownItems.get(value);
    if (known !== undefined) return `#${known}`;
    const number = this.items.of(canonical(value), value);
    this.knownItems.set(value, number);
    return `#${number}`;
  }
}
