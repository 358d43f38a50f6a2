import type { Problem } from './errors';
import { findIntrinsicProblems } from './intrinsics';
import type { Json, JsonObject } from './json';
import { abbreviate, asNumber, isObject } from './json';
import { LIMITS } from './limits';
import { parsePath } from './paths';
import type { VariableChecker } from './variable-checker';

/** The fields of the context object that a path may name anywhere. */
const CONTEXT =
  /^\$\$(\.(Execution(\.(Id|Input(\W.*)?|Name|RoleArn|StartTime|RedriveCount|RedriveTime))?|State(\.(Name|EnteredTime|RetryCount))?|StateMachine(\.(Id|Name))?))?$/;
const TASK = /^\$\$\.Task(\.Token)?$/;
const MAP_ITEM = /^\$\$\.Map(\.Item(\.(Index|Source|Value(\W.*)?))?)?$/;

/** The parts of the context object that exist only in some fields. */
export interface ScopedContext {
  /** `$$.Map.Item`. */
  readonly mapItem?: boolean;
  /** `$$.Task.Token`. */
  readonly taskToken?: boolean;
}

/** Collects the findings of all checks of one definition. */
export interface Report {
  readonly problems: Problem[];
  readonly variables: VariableChecker;
}

/** Reads one object of a definition field by field, and reports the fields that no check has read. */
export class Fields {
  private readonly readNames = new Set<string>();

  constructor(
    readonly object: JsonObject,
    /** The place of the object for messages, e.g. `state 'Copy'`. */
    readonly where: string,
    private readonly report: Report,
    /** The same place as a path from the top of the definition, without a trailing slash. */
    readonly location: string,
  ) {}

  addProblem(message: string): void {
    const { where, location } = this;
    this.report.problems.push({ where, message, location: location || '/' });
  }

  has(name: string): boolean {
    return Object.hasOwn(this.object, name);
  }

  /** Returns the raw value and marks the field as read. */
  read(name: string): Json | undefined {
    this.readNames.add(name);
    return this.has(name) ? this.object[name] : undefined;
  }

  requireField(name: string): Json | undefined {
    if (!this.has(name)) this.addProblem(`${name} is required`);
    return this.read(name);
  }

  string(name: string): string | undefined {
    const value = this.read(name);
    if (value === undefined || typeof value === 'string') return value;
    this.addProblem(`${name} must be a string, not ${abbreviate(value)}`);
    return undefined;
  }

  oneOf(name: string, allowed: readonly Json[]): void {
    const value = this.read(name);
    if (value !== undefined && !allowed.includes(value)) {
      this.addProblem(
        `${name} ${abbreviate(value)} is not supported (supported: ${allowed.map(abbreviate).join(', ')})`,
      );
    }
  }

  number(name: string, min: number, max: number, integer = true): number | undefined {
    const value = this.read(name);
    if (value === undefined) return undefined;
    const number = asNumber(value);
    if (number !== undefined && (!integer || Number.isInteger(number)) && number >= min && number <= max)
      return number;
    this.addProblem(
      `${name} must be ${integer ? 'an integer' : 'a number'} from ${min} to ${max}, not ${abbreviate(value)}`,
    );
    return undefined;
  }

  /** Reads a field that holds an object. */
  inner(name: string): Fields | undefined {
    const value = this.read(name);
    if (value === undefined) return undefined;
    if (isObject(value))
      return new Fields(value, `${this.where}, ${name}`, this.report, `${this.location}/${name}`);
    this.addProblem(`${name} must be an object, not ${abbreviate(value)}`);
    return undefined;
  }

  /** Reads a field that holds a list of objects. */
  list(name: string, emptyAllowed = false): Fields[] {
    const value = this.read(name);
    if (value === undefined) return [];
    if (!Array.isArray(value) || (value.length === 0 && !emptyAllowed)) {
      this.addProblem(`${name} must be a ${emptyAllowed ? '' : 'non-empty '}list, not ${abbreviate(value)}`);
      return [];
    }
    return value.flatMap((item, index) => {
      const at = `${name}[${index}]`;
      if (isObject(item))
        return [new Fields(item, `${this.where}, ${at}`, this.report, `${this.location}/${at}`)];
      this.addProblem(`${name}[${index}] must be an object, not ${abbreviate(item)}`);
      return [];
    });
  }

  /** Requires that at most one of the fields is given; exactly one if `exactly`. */
  requireExclusive(names: readonly string[], exactly = false): void {
    const given = names.filter((name) => this.has(name));
    if (given.length > 1) this.addProblem(`only one of ${given.join(', ')} may be given`);
    if (exactly && given.length === 0) this.addProblem(`one of ${names.join(', ')} is required`);
  }

  /** Checks a field that holds a path, or null if `nullable`. */
  path(name: string, options: { nullable?: boolean; reference?: boolean; intrinsic?: boolean } = {}): void {
    const value = this.read(name);
    if (value === undefined || (value === null && options.nullable)) return;
    if (typeof value !== 'string') return this.addProblem(`${name} must be a path, not ${abbreviate(value)}`);
    if (options.intrinsic && !value.startsWith('$')) return this.intrinsic(name, value);
    this.checkPath(name, value);
    if (options.reference && this.isIndefinite(value)) {
      this.addProblem(`${name} '${value}' must be a reference path (no wildcard)`);
    }
  }

  /** Checks a ResultPath. Null discards the result. */
  resultPath(name: string): void {
    this.path(name, { nullable: true, reference: true });
    const value = this.object[name];
    if (typeof value !== 'string') return;
    if (value.startsWith('$$')) this.addProblem(`${name} '${value}' cannot write into the context object`);
    else if (/^\$\p{ID_Start}/u.test(value)) {
      this.addProblem(`${name} '${value}' cannot write into a variable; use Assign`);
    }
  }

  /** Checks an Assign. Each value is a payload template or, with `.$`, a path or an intrinsic function. */
  assign(): void {
    const inner = this.inner('Assign');
    if (!inner) return;
    this.checkTemplate('Assign', inner.object, {});
    for (const key of Object.keys(inner.object)) {
      const name = key.replace(/\.\$$/, '');
      if (isVariableName(name)) this.report.variables.recordAssignment(name, `${this.where}: Assign`);
      else {
        this.addProblem(
          `Assign: '${name}' is not a variable name (1 to ${LIMITS.variableNameLengthMax} letters, digits and underscores, starting with a letter; not 'states')`,
        );
      }
    }
  }

  /** Checks a field that holds a payload template. */
  template(name: string, scoped: ScopedContext = {}): Fields | undefined {
    const inner = this.inner(name);
    if (inner) this.checkTemplate(name, inner.object, scoped);
    return inner;
  }

  /** Reports every field that no check has read. */
  rejectUnknownFields(): void {
    for (const name of Object.keys(this.object)) {
      if (!this.readNames.has(name)) this.addProblem(`field '${name}' is unknown or not supported here`);
    }
  }

  private checkTemplate(at: string, value: Json, scoped: ScopedContext): void {
    if (Array.isArray(value)) {
      value.forEach((item, index) => this.checkTemplate(`${at}[${index}]`, item, scoped));
      return;
    }
    if (!isObject(value)) return;
    for (const [key, member] of Object.entries(value)) {
      const place = `${at}.${key}`;
      if (!key.endsWith('.$')) this.checkTemplate(place, member, scoped);
      else if (Object.hasOwn(value, key.slice(0, -2)))
        this.addProblem(`${place} appears twice, with and without '.$'`);
      else if (typeof member !== 'string')
        this.addProblem(`${place} must be a path or an intrinsic function`);
      else if (member.startsWith('$')) this.checkPath(place, member, scoped);
      else this.intrinsic(place, member, scoped);
    }
  }

  private intrinsic(at: string, text: string, scoped: ScopedContext = {}): void {
    const problems = findIntrinsicProblems(text, (path) => this.checkPath(at, path, scoped));
    for (const problem of problems) this.addProblem(`${at}: ${problem}`);
  }

  private checkPath(at: string, text: string, scoped: ScopedContext = {}): void {
    try {
      const { variable } = parsePath(text);
      if (variable !== undefined)
        this.report.variables.recordReference(variable, `${this.where}: ${at} '${text}'`);
    } catch (error) {
      return this.addProblem(`${at}: ${(error as Error).message}`);
    }
    if (!text.startsWith('$$') || CONTEXT.test(text)) return;
    if (TASK.test(text)) {
      if (!scoped.taskToken)
        this.addProblem(
          `${at}: '${text}' is available only in the Parameters of a task that waits for its task token`,
        );
    } else if (!MAP_ITEM.test(text))
      this.addProblem(`${at}: the context object field '${text}' is not supported`);
    else if (!scoped.mapItem)
      this.addProblem(
        `${at}: '${text}' is available only in ItemSelector; pass it to the inner states from there`,
      );
  }

  private isIndefinite(text: string): boolean {
    try {
      return !parsePath(text).definite;
    } catch {
      return false;
    }
  }
}

const isVariableName = (name: string): boolean =>
  /^\p{ID_Start}\p{ID_Continue}*$/u.test(name) &&
  name.length <= LIMITS.variableNameLengthMax &&
  name !== 'states';
