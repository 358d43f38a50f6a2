import { isExactNumber } from './json-text';
import { parsePath, PathSyntaxError } from './paths';
import { readNumber, type WholeFraction } from './whole-fraction';

/** The syntax tree of `States.Name(argument, …)`. */
export type Expression =
  | { kind: 'literal'; value: null | boolean | number | WholeFraction }
  /** `raw` is the text between the quotes, with its escapes. */
  | { kind: 'text'; raw: string }
  | { kind: 'path'; text: string }
  | { kind: 'call'; name: string; args: Expression[] };

const SPACE = /\s*/y;
const CALL = /(States\.[A-Za-z0-9]+)\s*\(/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[\s,)])/y;
const WORD = /(true|false|null)(?=[\s,)])/y;
const PATH = /\$(?:\[(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\]'"]*)\]|[^\s,()[\]'"])*/y;
const TEXT = /'((?:[^'\\]|\\.)*)'/sy;
/** The developer guide, "Reserved characters in intrinsic functions". AWS refuses others when it reads the definition. */
const LEGAL_ESCAPES = ["\\'", '\\{', '\\}', '\\\\'];

const parsed = new Map<string, Expression>();

/** Parses one intrinsic function. Throws {@link PathSyntaxError} if the text is anything else. */
export function parseIntrinsic(text: string): Expression {
  const known = parsed.get(text);
  if (known) return known;
  const reader = new Reader(text);
  const expression = reader.expression();
  reader.end();
  if (expression.kind !== 'call') throw new PathSyntaxError(`'${text}' is not an intrinsic function`);
  parsed.set(text, expression);
  return expression;
}

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  expression(): Expression {
    this.take(SPACE);
    const call = this.take(CALL);
    if (call) return { kind: 'call', name: call[1] ?? '', args: this.args() };
    const path = this.take(PATH);
    if (path) return { kind: 'path', text: parsePath(path[0]).text };
    const text = this.take(TEXT);
    if (text) return { kind: 'text', raw: this.requireLegalEscapes(text[1] ?? '') };
    const number = this.take(NUMBER);
    if (number && !isExactNumber(number[0])) {
      throw new PathSyntaxError(`'${this.text}': the number ${number[0]} cannot be represented exactly`);
    }
    if (number) return { kind: 'literal', value: readNumber(number[0]) };
    const word = this.take(WORD);
    if (word) return { kind: 'literal', value: word[0] === 'null' ? null : word[0] === 'true' };
    return this.fail();
  }

  end(): void {
    this.take(SPACE);
    if (this.at < this.text.length) this.fail();
  }

  private args(): Expression[] {
    const args: Expression[] = [];
    this.take(SPACE);
    if (this.take(/\)/y)) return args;
    for (;;) {
      args.push(this.expression());
      this.take(SPACE);
      if (this.take(/\)/y)) return args;
      if (!this.take(/,/y)) this.fail();
    }
  }

  private requireLegalEscapes(raw: string): string {
    const illegal = raw.match(/\\./gsu)?.find((escape) => !LEGAL_ESCAPES.includes(escape));
    if (illegal === undefined) return raw;
    throw new PathSyntaxError(
      `'${this.text}' has the illegal escape ${illegal}; intrinsic functions allow only ${LEGAL_ESCAPES.join(' ')}`,
    );
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (!match) return undefined;
    this.at = pattern.lastIndex;
    return match;
  }

  private fail(): never {
    throw new PathSyntaxError(
      `'${this.text}' is not an intrinsic function: unexpected text at '${this.text.slice(this.at)}'`,
    );
  }
}
