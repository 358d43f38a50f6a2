import { STATES, StateFailure } from './errors';
import { byteLength, type Json, type JsonObject } from './json';
import { LIMITS } from './limits';

/**
 * The variables of one scope: the states of a machine, a branch, an iteration or a child. Inner scopes see outer ones,
 * and write only their own; the definition's check sees to it that no name is in both.
 */
export class Variables {
  private readonly values = new Map<string, { readonly value: Json; readonly bytes: number }>();
  private readonly inner = new Set<Variables>();

  private constructor(private readonly outer: Variables | undefined) {}

  /** Of an execution. */
  static outermost(): Variables {
    return new Variables(undefined);
  }

  /** Of one branch or iteration. */
  within(): Variables {
    const scope = new Variables(this);
    this.inner.add(scope);
    return scope;
  }

  /** The branches and iterations are over, and their variables with them. */
  discardInner(): void {
    this.inner.clear();
  }

  /** `undefined` until a state assigned it. */
  get(name: string): Json | undefined {
    const own = this.values.get(name);
    return own ? own.value : this.outer?.get(name);
  }

  /** Throws StateFailure (States.DataLimitExceeded) unless there is room for the values. */
  requireRoomFor(values: JsonObject): void {
    const sized = Object.entries(values).map(([name, value]) => [name, bytesOf(value)] as const);
    const bytes = sized.reduce((sum, [, size]) => sum + size, 0);
    if (bytes > LIMITS.assignBytesMax) throw tooLarge(`${bytes} bytes in one Assign`, LIMITS.assignBytesMax);
    const replaced = sized.reduce((sum, [name]) => sum + (this.values.get(name)?.bytes ?? 0), 0);
    if (sized.length === 0) return;
    const total = this.outermost().bytes() - replaced + bytes;
    if (total > LIMITS.variablesBytesMax)
      throw tooLarge(`${total} bytes of variables`, LIMITS.variablesBytesMax);
  }

  assign(values: JsonObject): void {
    for (const [name, value] of Object.entries(values))
      this.values.set(name, { value, bytes: bytesOf(value) });
  }

  private outermost(): Variables {
    return this.outer?.outermost() ?? this;
  }

  private bytes(): number {
    let sum = 0;
    for (const { bytes } of this.values.values()) sum += bytes;
    for (const scope of this.inner) sum += scope.bytes();
    return sum;
  }
}

const bytesOf = (value: Json): number => byteLength(JSON.stringify(value));

const tooLarge = (what: string, most: number): StateFailure =>
  new StateFailure(STATES.dataLimitExceeded, `The execution would hold ${what}; the limit is ${most}.`);
