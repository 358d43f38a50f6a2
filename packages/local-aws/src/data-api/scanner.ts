/** Finds the named parameters and the end of an SQL statement, as PostgreSQL's own scanner would. */
import { findBlockCommentEnd, findLineCommentEnd } from './comments';
import { invalid } from './errors';

export interface ParsedSql {
  /** The text with `$1`, `$2`, … in place of `:name`. */
  readonly text: string;
  /** Names in the order of their first use; index i is `$<i + 1>`. */
  readonly names: readonly string[];
  /** True if a semicolon ends the statement. */
  readonly isTerminated: boolean;
}

const IDENTIFIER_PART = /[A-Za-z0-9_$\u0080-\uffff]/;
const PARAMETER = /:([A-Za-z_][A-Za-z0-9_]*)/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
/** Characters that may start a token other than plain text. */
const TOKEN_START = /['"$:;()[\]/-]/g;
const BLANK = /^\s*$/;

/**
 * Rewrites `:name` to `$n`. It skips literals (also `E'…'`), dollar quotes, quoted identifiers and nested comments, and
 * leaves `::`, `:=` and array slices (`a[1:2]`, `a[low:high]` without whitespace) unchanged.
 *
 * @throws ServiceError ValidationException for multiple statements or a positional `$1`
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
  /** End of the last token or comment. The text between it and the next token is plain. */
  private seen = 0;

  constructor(private readonly sql: string) {}

  scan(): ParsedSql {
    let at = 0;
    for (;;) {
      TOKEN_START.lastIndex = at;
      const found = TOKEN_START.exec(this.sql)?.index ?? this.sql.length;
      this.checkPlainText(found);
      if (found === this.sql.length) break;
      at = this.scanToken(found);
      this.seen = at;
    }
    this.pieces.push(this.sql.slice(this.copied));
    return { text: this.pieces.join(''), names: [...this.positions.keys()], isTerminated: this.ended };
  }

  /** Refuses plain text after the semicolon. */
  private checkPlainText(end: number): void {
    if (this.ended && !BLANK.test(this.sql.slice(this.seen, end))) refuseMultistatement();
  }

  /** Scans the token that starts at `at` and returns the index after it. */
  private scanToken(at: number): number {
    const character = this.sql.charAt(at);
    const next = this.sql.charAt(at + 1);
    if (character === '-') return next === '-' ? findLineCommentEnd(this.sql, at) : this.scanSymbol(at);
    if (character === '/') return next === '*' ? findBlockCommentEnd(this.sql, at) : this.scanSymbol(at);
    if (character === ';') return this.scanSemicolon(at);
    this.scanSymbol(at);
    switch (character) {
      case "'":
        return this.findLiteralEnd(at);
      case '"':
        return this.findQuoteEnd(at, '"');
      case '$':
        return this.scanDollar(at);
      case ':':
        return this.scanColon(at, next);
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

  private scanSymbol(at: number): number {
    if (this.ended) refuseMultistatement();
    return at + 1;
  }

  /** A semicolon within parentheses (`create rule … do (a; b)`) does not end the statement. */
  private scanSemicolon(at: number): number {
    if (this.parentheses <= 0) this.ended = true;
    return at + 1;
  }

  private findLiteralEnd(at: number): number {
    const escapes = /[eE]/.test(this.sql.charAt(at - 1)) && !IDENTIFIER_PART.test(this.sql.charAt(at - 2));
    if (!escapes) return this.findQuoteEnd(at, "'");
    for (let index = at + 1; index < this.sql.length; index += 1) {
      const character = this.sql.charAt(index);
      if (character === '\\') index += 1;
      else if (character === "'") return index + 1;
    }
    return this.sql.length;
  }

  /** Reads text with a doubled quote as two adjacent quoted texts, which end at the same index. */
  private findQuoteEnd(at: number, quote: string): number {
    const end = this.sql.indexOf(quote, at + 1);
    return end === -1 ? this.sql.length : end + 1;
  }

  private scanDollar(at: number): number {
    if (IDENTIFIER_PART.test(this.sql.charAt(at - 1))) return at + 1;
    if (/[0-9]/.test(this.sql.charAt(at + 1))) {
      throw invalid(`Positional parameter at character ${at + 1}. Use a named parameter, as in :name`);
    }
    DOLLAR_TAG.lastIndex = at;
    const tag = DOLLAR_TAG.exec(this.sql)?.[0];
    if (tag === undefined) return at + 1;
    const end = this.sql.indexOf(tag, at + tag.length);
    return end === -1 ? this.sql.length : end + tag.length;
  }

  private scanColon(at: number, next: string): number {
    if (next === ':' || next === '=') return at + 2;
    PARAMETER.lastIndex = at;
    const name = PARAMETER.exec(this.sql)?.[1];
    if (name === undefined || this.isSlice(at)) return at + 1;
    const position = this.positions.get(name) ?? this.positions.size + 1;
    this.positions.set(name, position);
    const end = at + 1 + name.length;
    // A space separates `$1` from the word before the colon, e.g. in `select:a`.
    const before = IDENTIFIER_PART.test(this.sql.charAt(at - 1)) ? ' ' : '';
    this.pieces.push(this.sql.slice(this.copied, at), `${before}$${position}`);
    this.copied = end;
    return end;
  }

  /** In brackets, a colon directly after an operand is a slice: `a[low:high]`. Otherwise it starts a parameter. */
  private isSlice(at: number): boolean {
    return this.brackets > 0 && /[A-Za-z0-9_$)\]"'\u0080-\uffff]/.test(this.sql.charAt(at - 1));
  }
}

function refuseMultistatement(): never {
  throw invalid("Multistatements aren't supported.");
}

/** Caches the parsed form of the most recently used statements. */
export class ParsedSqlCache {
  private readonly parsed = new Map<string, ParsedSql>();

  constructor(private readonly countMax = 500) {}

  parse(sql: string): ParsedSql {
    const cached = this.parsed.get(sql);
    if (cached !== undefined) this.parsed.delete(sql);
    const result = cached ?? parseSql(sql);
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
