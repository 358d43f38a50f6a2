import type { Refusal, RefusalOf } from '../../core/ports';
import { isAboutValues, refusalKind } from './sql-states';
import { StatementRefused } from './statement-refused';

export const refusal = (sqlState: string | null, constraint: string | null): Refusal => ({
  kind: refusalKind(sqlState),
  sqlState,
  constraint,
});

/** Returns a refusal of the values that a statement carries; null for other errors, such as a missing right. */
export const refusalOf: RefusalOf = (error) => {
  if (!(error instanceof StatementRefused) || !isAboutValues(error.sqlState)) return null;
  return refusal(error.sqlState, error.constraint);
};
