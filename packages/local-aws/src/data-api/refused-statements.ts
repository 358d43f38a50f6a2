/** Statements that the service does not run: their first words tell, before the database sees them. */
import { blockCommentEnd, lineCommentEnd } from './comments';
import { ServiceError } from './errors';

/** `ROLLBACK TRANSACTION TO` is told from `ROLLBACK TRANSACTION` by the third. */
const WORDS_TELLING = 3;
const BEGINNING_OR_ENDING: ReadonlySet<string> = new Set(['BEGIN', 'START', 'COMMIT', 'END', 'ABORT']);
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const BLANKS = /\s+/y;

/**
 * A transaction is begun and ended by operations alone: what SQL did to one would leave its id, or a pooled session, in a
 * state of its own. Savepoints live within a transaction, and may.
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
  if (first !== 'ROLLBACK') return BEGINNING_OR_ENDING.has(first);
  // Not `ROLLBACK TO`, with or without a noise word.
  return (second === 'WORK' || second === 'TRANSACTION' ? third : second) !== 'TO';
}

/** In capitals; comments and blanks may stand before and between them. */
function leadingWords(sql: string): string[] {
  const words: string[] = [];
  for (let at = 0; words.length < WORDS_TELLING;) {
    at = pastBlanks(sql, at);
    WORD.lastIndex = at;
    const word = WORD.exec(sql)?.[0];
    if (word === undefined) break;
    words.push(word.toUpperCase());
    at += word.length;
  }
  return words;
}

function pastBlanks(sql: string, start: number): number {
  for (let at = start; ;) {
    BLANKS.lastIndex = at;
    const blanks = BLANKS.exec(sql)?.[0].length ?? 0;
    if (blanks > 0) at += blanks;
    else if (sql.startsWith('--', at)) at = lineCommentEnd(sql, at);
    else if (sql.startsWith('/*', at)) at = blockCommentEnd(sql, at);
    else return at;
  }
}

const unsupported = (what: string): ServiceError =>
  new ServiceError('DatabaseErrorException', `ERROR: ${what}; SQLState: 0A000`);
