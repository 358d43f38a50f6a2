/** Parses the supported metric math: arithmetic, comparisons, FILL, IF, and SUM, MIN, MAX, AVG over a list. */

/** Values by the start of their period, or a number that is the value of every period. */
export type Value = ReadonlyMap<number, number> | number;
export type Resolve = (id: string) => Value;
/** @param periods the starts of all periods of the range */
export type Expression = (resolve: Resolve, periods: readonly number[]) => Value;

export interface ParsedExpression {
  readonly evaluate: Expression;
  /** The ids that the expression refers to. */
  readonly ids: readonly string[];
}

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z_][A-Za-z0-9_]*|>=|<=|==|!=|[-+*/()<>,[\]])/y;

const BINARY: Readonly<Record<string, (one: number, other: number) => number>> = {
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '/': (one, other) => one / other,
  '>': (one, other) => Number(one > other),
  '>=': (one, other) => Number(one >= other),
  '<': (one, other) => Number(one < other),
  '<=': (one, other) => Number(one <= other),
  '==': (one, other) => Number(one === other),
  '!=': (one, other) => Number(one !== other),
};
const LEVELS: readonly (readonly string[])[] = [
  ['>', '>=', '<', '<=', '==', '!='],
  ['+', '-'],
  ['*', '/'],
];
const SUMMARIES: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
  AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
};

/** @throws Error with the position of what is invalid or not supported */
export function parseExpression(text: string): ParsedExpression {
  const parser = new Parser(text, tokensOf(text));
  const evaluate = parser.expression(0);
  parser.end();
  return { evaluate, ids: [...parser.ids] };
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ''; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined)
      throw new Error(`the expression ${text} has a syntax error at "${text.slice(at)}"`);
    tokens.push(token);
  }
  return tokens;
}

class Parser {
  readonly ids = new Set<string>();
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly tokens: readonly string[],
  ) {}

  expression(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.operand();
    let left = this.expression(level + 1);
    while (operators.includes(this.tokens[this.at] ?? '')) {
      const operate = BINARY[this.take()]!;
      const [one, other] = [left, this.expression(level + 1)];
      left = (resolve, periods) => combine(operate, one(resolve, periods), other(resolve, periods));
    }
    return left;
  }

  end(): void {
    if (this.at < this.tokens.length) throw this.unexpected(this.tokens[this.at]);
  }

  private operand(): Expression {
    const token = this.take();
    if (token === '-') {
      const negated = this.operand();
      return (resolve, periods) => combine((_zero, value) => -value, 0, negated(resolve, periods));
    }
    if (token === '(') {
      const inner = this.expression(0);
      this.expect(')');
      return inner;
    }
    if (/^\d/.test(token)) return () => Number(token);
    if (this.tokens[this.at] === '(') return this.call(token);
    if (!/^[a-z]/.test(token)) throw this.unexpected(token);
    this.ids.add(token);
    return (resolve) => resolve(token);
  }

  private call(name: string): Expression {
    this.expect('(');
    if (name === 'FILL') return this.fill();
    if (name === 'IF') {
      const [condition, then, otherwise] = [this.argument(','), this.argument(','), this.argument(')')];
      return (resolve, periods) =>
        selectByCondition(
          condition(resolve, periods),
          then(resolve, periods),
          otherwise(resolve, periods),
          periods,
        );
    }
    const summarize = SUMMARIES[name];
    if (summarize === undefined)
      throw new Error(`the expression ${this.text} calls ${name}, which is not supported`);
    this.expect('[');
    const items: Expression[] = [];
    do items.push(this.expression(0));
    while (this.skip(','));
    this.expect(']');
    this.expect(')');
    return (resolve, periods) => {
      const values = items.map((item) => item(resolve, periods));
      return mapPeriods(periods, (period) => {
        const existing = values.map((value) => valueAt(value, period)).filter((value) => value !== undefined);
        return existing.length === 0 ? undefined : summarize(existing);
      });
    };
  }

  private fill(): Expression {
    const series = this.argument(',');
    if (this.tokens[this.at] === 'REPEAT') {
      this.take();
      this.expect(')');
      return (resolve, periods) => {
        const value = series(resolve, periods);
        let last: number | undefined;
        return mapPeriods(periods, (period) => (last = valueAt(value, period) ?? last));
      };
    }
    const filler = this.argument(')');
    return (resolve, periods) => {
      const [value, given] = [series(resolve, periods), filler(resolve, periods)];
      return mapPeriods(periods, (period) => valueAt(value, period) ?? valueAt(given, period));
    };
  }

  private argument(end: string): Expression {
    const argument = this.expression(0);
    this.expect(end);
    return argument;
  }

  private skip(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at += 1;
    return true;
  }

  private expect(token: string): void {
    if (!this.skip(token)) throw this.unexpected(this.tokens[this.at]);
  }

  private take(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw this.unexpected(token);
    return token;
  }

  private unexpected(token: string | undefined): Error {
    return new Error(
      `the expression ${this.text} has a syntax error at ${token === undefined ? 'its end' : `"${token}"`}`,
    );
  }
}

const valueAt = (value: Value, period: number): number | undefined =>
  typeof value === 'number' ? value : value.get(period);

/** Computes each period. A result that is not finite, as after a division by zero, is a missing point. */
function mapPeriods(
  periods: Iterable<number>,
  at: (period: number) => number | undefined,
): Map<number, number> {
  const series = new Map<number, number>();
  for (const period of periods) {
    const value = at(period);
    if (value !== undefined && Number.isFinite(value)) series.set(period, value);
  }
  return series;
}

/** Combines the periods in which both sides have a value. */
function combine(operate: (one: number, other: number) => number, one: Value, other: Value): Value {
  if (typeof one === 'number' && typeof other === 'number') return operate(one, other);
  const periods = typeof one === 'number' ? (other as ReadonlyMap<number, number>).keys() : one.keys();
  return mapPeriods(periods, (period) => {
    const [left, right] = [valueAt(one, period), valueAt(other, period)];
    return left === undefined || right === undefined ? undefined : operate(left, right);
  });
}

function selectByCondition(
  condition: Value,
  then: Value,
  otherwise: Value,
  periods: readonly number[],
): Value {
  return mapPeriods(periods, (period) => {
    const held = valueAt(condition, period);
    return held === undefined ? undefined : valueAt(held === 0 ? otherwise : then, period);
  });
}
