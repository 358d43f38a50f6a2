import type { Problem } from '../errors';
import { quoteIdentifier, quoteTable } from '../identifier';
import { endsOf, type Facts, type Pair } from './facts';

/** Requires the worker's privileges. On tables that it creates from `targetSchema`, Sluice grants them itself. */
export const grants = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair).flatMap(({ side, name, table, asWorker }) => {
    const login = facts[side].logins.worker.server?.login;
    if (!asWorker || !login) return [];
    const wanted =
      side === 'source' ? (['select'] as const) : (['select', 'insert', 'update', 'delete'] as const);
    const missing = wanted.filter((right) => !asWorker.privileges[right]).map((right) => right.toUpperCase());
    const problem = (found: string, remedy: string): Problem => ({
      check: 'grants',
      subject: `${side} table ${name}`,
      found,
      remedy,
    });
    const to = `TO ${quoteIdentifier(login)}`;
    return [
      ...(asWorker.privileges.usage
        ? []
        : [
            problem(
              `worker ${login} may not use schema ${table.table.schema}`,
              `GRANT USAGE ON SCHEMA ${quoteIdentifier(table.table.schema)} ${to}`,
            ),
          ]),
      ...(missing.length === 0
        ? []
        : [
            problem(
              `worker ${login} lacks ${missing.join(', ')}`,
              `GRANT ${missing.join(', ')} ON ${quoteTable(table.table)} ${to}`,
            ),
          ]),
    ];
  });
