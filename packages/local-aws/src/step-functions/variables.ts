import { STATES, StateFailure } from './errors';
import { byteLength, type Json, type JsonObject, toText } from './json';
import { LIMITS } from './limits';

/**
 * The variables of one scope: a state machine, a branch, an iteration or a child workflow. Inner scopes read outer
 * variables and write only their own. The check of the definition ensures that no name is in both scopes.
 */
export class Variables {
  private readonly values = new Map<string, { readonly value: Json; readonly bytes: number }>();
  private readonly inner = new Set<Variables>();

  private constructor(private readonly outer: Variables | undefined) {}

  /** Creates the outermost scope of an execution. */
  static outermost(): Variables {
    return new Variables(undefined);
  }

  /** Creates the scope of a branch or iteration. */
  createInner(): Variables {
    const scope = new Variables(this);
    this.inner.add(scope);
    return scope;
  }

  /** Discards the variables of branches and iterations that have ended. */
  discardInner(): void {
    this.inner.clear();
  }

  /** Returns undefined until a state assigns the variable. */
  get(name: string): Json | undefined {
    const own = this.values.get(name);
    return own ? own.value : this.outer?.get(name);
  }

  /** Throws StateFailure (States.DataLimitExceeded) if the values would exceed a limit. */
  requireWithinLimits(values: JsonObject): void {
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

const bytesOf = (value: Json): number => byteLength(toText(value));

const tooLarge = (what: string, max: number): StateFailure =>
  new StateFailure(STATES.dataLimitExceeded, `The execution would hold ${what}; the limit is ${max}.`);
