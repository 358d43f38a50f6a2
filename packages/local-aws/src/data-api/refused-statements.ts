/** Refuses statements that the service does not run, by their first words, before they reach the database. */
import { findBlockCommentEnd, findLineCommentEnd } from './comments';
import { ServiceError } from './errors';

/** The third word distinguishes `ROLLBACK TRANSACTION TO` from `ROLLBACK TRANSACTION`. */
const WORDS_MAX = 3;
const TRANSACTION_CONTROL_WORDS: ReadonlySet<string> = new Set(['BEGIN', 'START', 'COMMIT', 'END', 'ABORT']);
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const WHITESPACE = /\s+/y;

/**
 * Refuses COPY and transaction control. Only operations may start and end a transaction: if SQL did, the state of the
 * session would no longer match the transaction's id or the pool. Savepoints stay within a transaction, so they may.
 *
 * @throws ServiceError DatabaseErrorException, which aborts the transaction that the call names
 */
export function refuseStatement(sql: string): void {
  const words = leadingWords(sql);
  const [first = ''] = words;
  if (first === 'COPY') throw unsupported('COPY is not supported, send the rows as parameters');
  if (!isTransactionControl(words)) return;
  throw unsupported(
    `transaction control statements (here ${first}) are not supported, use BeginTransaction, CommitTransaction and RollbackTransaction`,
  );
}

function isTransactionControl([first = '', second, third]: readonly string[]): boolean {
  if (first === 'PREPARE') return second === 'TRANSACTION';
  if (first !== 'ROLLBACK') return TRANSACTION_CONTROL_WORDS.has(first);
  // `ROLLBACK TO`, with or without a noise word, returns to a savepoint.
  return (second === 'WORK' || second === 'TRANSACTION' ? third : second) !== 'TO';
}

/** Returns the first words in upper case, without the comments and whitespace before and between them. */
function leadingWords(sql: string): string[] {
  const words: string[] = [];
  for (let at = 0; words.length < WORDS_MAX;) {
    at = skipBlanks(sql, at);
    WORD.lastIndex = at;
    const word = WORD.exec(sql)?.[0];
    if (word === undefined) break;
    words.push(word.toUpperCase());
    at += word.length;
  }
  return words;
}

function skipBlanks(sql: string, start: number): number {
  for (let at = start; ;) {
    WHITESPACE.lastIndex = at;
    const blanks = WHITESPACE.exec(sql)?.[0].length ?? 0;
    if (blanks > 0) at += blanks;
    else if (sql.startsWith('--', at)) at = findLineCommentEnd(sql, at);
    else if (sql.startsWith('/*', at)) at = findBlockCommentEnd(sql, at);
    else return at;
  }
}

const unsupported = (what: string): ServiceError =>
  new ServiceError('DatabaseErrorException', `ERROR: ${what}; SQLState: 0A000`);
