/** Parses the rule of a composite alarm: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html */
import { flag, structure, textOf, type Shape } from '../aws-json';
import { ALARM_DESCRIPTION, ALARM_NAME, nameProblems, TAGS } from './alarm-config';
import type { AlarmState } from './evaluation';
import { LIMITS } from './limits';

export const COMPOSITE = structure(
  { AlarmName: ALARM_NAME, AlarmRule: textOf(1, LIMITS.alarm.ruleLengthMax) },
  { AlarmDescription: ALARM_DESCRIPTION, ActionsEnabled: flag, Tags: TAGS },
);
export type CompositeInput = typeof COMPOSITE extends Shape<infer T> ? T : never;

type StateOf = (alarmName: string) => AlarmState | undefined;

export interface CompositeConfig {
  readonly name: string;
  readonly given: CompositeInput;
  readonly children: readonly string[];
  readonly holds: (stateOf: StateOf) => boolean;
}

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[()]|[^\s()"]+)/y;
const STATES: readonly string[] = ['ALARM', 'OK', 'INSUFFICIENT_DATA'];

/** @throws Error that reports everything invalid, unknown or not supported */
export function readComposite(given: unknown): CompositeConfig {
  const problems: string[] = [];
  COMPOSITE.check(given, '', problems);
  if (problems.length === 0) problems.push(...nameProblems((given as CompositeInput).AlarmName));
  if (problems.length > 0) throw new Error(problems.join('; '));
  const { AlarmName: name, AlarmRule: rule } = given as CompositeInput;
  const parser = new RuleParser(rule);
  const holds = parser.parse();
  const children = [...parser.children];
  const { childrenMax } = LIMITS.alarm;
  if (children.length > childrenMax)
    throw new Error(`AlarmRule names ${children.length} alarms; the limit is ${childrenMax}`);
  return { name, given: given as CompositeInput, children, holds };
}

type Test = (stateOf: StateOf) => boolean;

class RuleParser {
  readonly children = new Set<string>();
  private readonly tokens: string[] = [];
  private at = 0;

  constructor(private readonly rule: string) {
    for (let at = 0; rule.slice(at).trim() !== ''; at = TOKEN.lastIndex) {
      TOKEN.lastIndex = at;
      const token = TOKEN.exec(rule)?.[1];
      if (token === undefined) throw new Error(`AlarmRule ${rule} has a syntax error at ${rule.slice(at)}`);
      this.tokens.push(token);
    }
  }

  parse(): Test {
    const test = this.disjunction();
    if (this.at < this.tokens.length) throw this.unexpected();
    return test;
  }

  private disjunction(): Test {
    let left = this.conjunction();
    while (this.skip('OR')) {
      const [one, other] = [left, this.conjunction()];
      left = (stateOf) => one(stateOf) || other(stateOf);
    }
    return left;
  }

  private conjunction(): Test {
    let left = this.term();
    while (this.skip('AND')) {
      const [one, other] = [left, this.term()];
      left = (stateOf) => one(stateOf) && other(stateOf);
    }
    return left;
  }

  private term(): Test {
    if (this.skip('NOT')) {
      const negated = this.term();
      return (stateOf) => !negated(stateOf);
    }
    if (this.skip('TRUE')) return () => true;
    if (this.skip('FALSE')) return () => false;
    if (this.skip('(')) {
      const inner = this.disjunction();
      if (!this.skip(')')) throw this.unexpected();
      return inner;
    }
    const state = STATES.find((name) => this.skip(name));
    if (state === undefined || !this.skip('(')) throw this.unexpected();
    const child = this.name();
    if (!this.skip(')')) throw this.unexpected();
    return (stateOf) => stateOf(child) === state;
  }

  /** Parses a name or an ARN, quoted or unquoted. */
  private name(): string {
    const token = this.tokens[this.at++];
    if (token === undefined || token === '(' || token === ')') throw this.unexpected();
    const plain = token.startsWith('"') ? token.slice(1, -1).replace(/\\(.)/g, '$1') : token;
    const name = plain.replace(/^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:/, '');
    this.children.add(name);
    return name;
  }

  private skip(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at += 1;
    return true;
  }

  private unexpected(): Error {
    return new Error(`AlarmRule ${this.rule} has a syntax error at ${this.tokens[this.at] ?? 'its end'}`);
  }
}
