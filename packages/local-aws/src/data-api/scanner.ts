/** Finds the named parameters of an SQL text, and its end, the way PostgreSQL's own scanner would. */
import { blockCommentEnd, lineCommentEnd } from './comments';
import { invalid } from './errors';

export interface ParsedSql {
  /** The text with `$1`, `$2`, … in place of `:name`. */
  readonly text: string;
  /** Names in the order of their first use; position i is `$<i + 1>`. */
  readonly names: readonly string[];
  /** True if a semicolon ends the statement. */
  readonly isTerminated: boolean;
}

const IDENTIFIER_PART = /[A-Za-z0-9_$\u0080-\uffff]/;
const PARAMETER = /:([A-Za-z_][A-Za-z0-9_]*)/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
/** The next character that could begin anything but plain text. */
const NOTEWORTHY = /['"$:;()[\]/-]/g;
const BLANK = /^\s*$/;

/**
 * Rewrites `:name` to `$n`. Literals (also `E'…'`), dollar quotes, quoted identifiers and nested comments are passed
 * over, `::`, `:=` and array slices (`a[1:2]`, `a[low:high]` without blanks) left alone.
 *
 * @throws ServiceError ValidationException for several statements or a positional `$1`
 */
export function parseSql(sql: string): ParsedSql {
  return new Scanner(sql).scan();
}

class Scanner {
  private readonly positions = new Map<string, number>();
  private readonly pieces: string[] = [];
  private copied = 0;
  private parentheses = 0;
  private brackets = 0;
  private ended = false;
  /** End of the last token or plain text that was seen; what is between it and the next token is plain. */
  private seen = 0;

  constructor(private readonly sql: string) {}

  scan(): ParsedSql {
    let at = 0;
    for (;;) {
      NOTEWORTHY.lastIndex = at;
      const found = NOTEWORTHY.exec(this.sql)?.index ?? this.sql.length;
      this.plain(found);
      if (found === this.sql.length) break;
      at = this.token(found);
      this.seen = at;
    }
    this.pieces.push(this.sql.slice(this.copied));
    return { text: this.pieces.join(''), names: [...this.positions.keys()], isTerminated: this.ended };
  }

  /** Notes text that came after the semicolon. */
  private plain(end: number): void {
    if (this.ended && !BLANK.test(this.sql.slice(this.seen, end))) refuseMultistatement();
  }

  /** Handles what begins at `at` and returns where to go on. */
  private token(at: number): number {
    const character = this.sql.charAt(at);
    const next = this.sql.charAt(at + 1);
    if (character === '-') return next === '-' ? lineCommentEnd(this.sql, at) : this.symbol(at);
    if (character === '/') return next === '*' ? blockCommentEnd(this.sql, at) : this.symbol(at);
    if (character === ';') return this.semicolon(at);
    this.symbol(at);
    switch (character) {
      case "'":
        return this.literalEnd(at);
      case '"':
        return this.quoteEnd(at, '"');
      case '$':
        return this.dollar(at);
      case ':':
        return this.colon(at, next);
      case '(':
        this.parentheses += 1;
        break;
      case ')':
        this.parentheses -= 1;
        break;
      case '[':
        this.brackets += 1;
        break;
      case ']':
        this.brackets -= 1;
        break;
    }
    return at + 1;
  }

  private symbol(at: number): number {
    if (this.ended) refuseMultistatement();
    return at + 1;
  }

  /** Within parentheses (`create rule … do (a; b)`) a semicolon does not end the statement. */
  private semicolon(at: number): number {
    if (this.parentheses <= 0) this.ended = true;
    return at + 1;
  }

  private literalEnd(at: number): number {
    const escapes = /[eE]/.test(this.sql.charAt(at - 1)) && !IDENTIFIER_PART.test(this.sql.charAt(at - 2));
    if (!escapes) return this.quoteEnd(at, "'");
    for (let index = at + 1; index < this.sql.length; index += 1) {
      const character = this.sql.charAt(index);
      if (character === '\\') index += 1;
      else if (character === "'") return index + 1;
    }
    return this.sql.length;
  }

  /** A doubled quote inside is read as two quoted texts side by side, which ends at the same place. */
  private quoteEnd(at: number, quote: string): number {
    const end = this.sql.indexOf(quote, at + 1);
    return end === -1 ? this.sql.length : end + 1;
  }

  private dollar(at: number): number {
    if (IDENTIFIER_PART.test(this.sql.charAt(at - 1))) return at + 1;
    if (/[0-9]/.test(this.sql.charAt(at + 1))) {
      throw invalid(`Positional parameter at character ${at + 1}: name the parameters, as in :name`);
    }
    DOLLAR_TAG.lastIndex = at;
    const tag = DOLLAR_TAG.exec(this.sql)?.[0];
    if (tag === undefined) return at + 1;
    const end = this.sql.indexOf(tag, at + tag.length);
    return end === -1 ? this.sql.length : end + tag.length;
  }

  private colon(at: number, next: string): number {
    if (next === ':' || next === '=') return at + 2;
    PARAMETER.lastIndex = at;
    const name = PARAMETER.exec(this.sql)?.[1];
    if (name === undefined || this.isSlice(at)) return at + 1;
    const position = this.positions.get(name) ?? this.positions.size + 1;
    this.positions.set(name, position);
    const end = at + 1 + name.length;
    // Blanks keep `$1` apart from what stood beside the name, e.g. `select:a`.
    const before = IDENTIFIER_PART.test(this.sql.charAt(at - 1)) ? ' ' : '';
    this.pieces.push(this.sql.slice(this.copied, at), `${before}$${position}`);
    this.copied = end;
    return end;
  }

  /** In brackets, right after an operand: `a[low:high]`; after a bracket, comma or blank it is a parameter. */
  private isSlice(at: number): boolean {
    return this.brackets > 0 && /[A-Za-z0-9_$)\]"'\u0080-\uffff]/.test(this.sql.charAt(at - 1));
  }
}

function refuseMultistatement(): never {
  throw invalid("Multistatements aren't supported.");
}

/** Remembers the parsed form of the most recently used texts. */
export class ParsedSqlCache {
  private readonly parsed = new Map<string, ParsedSql>();

  constructor(private readonly countMax = 500) {}

  parse(sql: string): ParsedSql {
    const known = this.parsed.get(sql);
    if (known !== undefined) this.parsed.delete(sql);
    const result = known ?? parseSql(sql);
    this.parsed.set(sql, result);
    if (this.parsed.size > this.countMax) {
      for (const oldest of this.parsed.keys()) {
        this.parsed.delete(oldest);
        break;
      }
    }
    return result;
  }
}
