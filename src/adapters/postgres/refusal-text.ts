import type { StatementRefused } from './statement-refused';

/** Causes and remedies, by SQLSTATE. */
const REMEDIES: Readonly<Record<string, string>> = {
  '42501':
    'A right was revoked, or row security or an event trigger refuses the login. Compare its rights with docs/guide/roles.sql, and exempt it from the event trigger, then resume',
  '42883':
    'A function or an operator was not found, in most cases by a trigger, a default or an expression that does not name its schema. Name the schema there, then resume',
  '42P01': 'A table was dropped or renamed. Restore it and resume, or abort',
  '42703': 'A column was dropped or renamed. Restore it and resume, or abort',
  '23514':
    'A check of the table, or of a trigger, refuses a row; without a constraint, no partition takes it. Create the partition or correct the row, then resume',
  XX000: 'The server or an extension reported an internal error. Read its log, fix the cause, then resume',
  SL004: 'The settings of the login differ from docs/guide/roles.sql. Correct them, then resume',
};
const OTHER = 'Read the log of the database, fix the cause, then resume';

/** Describes a refused statement without the message of the database, which may quote a row. */
export function refusalText({ where, sqlState, constraint }: StatementRefused): string {
  const by = constraint === null ? '' : `, constraint ${constraint}`;
  return `the ${where ?? 'database'} refused a statement: SQLSTATE ${sqlState ?? 'unknown'}${by}. ${REMEDIES[sqlState ?? ''] ?? OTHER}`;
}
