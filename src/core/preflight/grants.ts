import type { Login, LoginNames } from '../../contract/logins';
import type { Side } from '../../contract/sides';
import type { Problem } from '../errors';
import { quoteIdentifier, quoteTable } from '../identifier';
import { endsOf, type Facts, type Pair, type TableEnd } from './facts';

type Right = 'select' | 'insert' | 'update' | 'delete';

const WORKER_RIGHTS: Readonly<Record<Side, readonly Right[]>> = {
  source: ['select'],
  target: ['select', 'insert', 'update', 'delete'],
};

/**
 * Requires the rights of each login on the tables: those that it needs, and for the logins that write no rows, no others. On
 * tables that it creates from `targetSchema`, Sluice grants them itself.
 */
export const grants = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair).flatMap((end) => [
    ...missingRights(end, facts, 'worker', WORKER_RIGHTS[end.side]),
    ...missingRights(end, facts, 'verifier', ['select']),
    ...excessRights(end, facts, 'control', []),
    ...excessRights(end, facts, 'verifier', ['SELECT']),
  ]);

type Granted = keyof LoginNames;

const problemOf = ({ side, name }: TableEnd, found: string, remedy: string): Problem => ({
  check: 'grants',
  subject: `${side} table ${name}`,
  found,
  remedy,
});

function missingRights(end: TableEnd, facts: Facts, as: Granted, wanted: readonly Right[]): Problem[] {
  const login = facts[end.side].logins[as].server?.login;
  const seen = end.as[as];
  if (!seen || !login) return [];
  const { table } = end.table;
  const to = `TO ${quoteIdentifier(login)}`;
  const missing = wanted
    .filter((right) => !seen.privileges[right])
    .map((right) => right.toUpperCase())
    .join(', ');
  const schema = `GRANT USAGE ON SCHEMA ${quoteIdentifier(table.schema)} ${to}`;
  return [
    ...(seen.privileges.usage
      ? []
      : [problemOf(end, `${as} ${login} may not use schema ${table.schema}`, schema)]),
    ...(missing === ''
      ? []
      : [
          problemOf(end, `${as} ${login} lacks ${missing}`, `GRANT ${missing} ON ${quoteTable(table)} ${to}`),
        ]),
  ];
}

/** Rights that every login has are not the login's own. */
function excessRights(end: TableEnd, facts: Facts, as: Login, allowed: readonly string[]): Problem[] {
  const { server } = facts[end.side].logins[as];
  const seen = end.as[as];
  if (!seen || !server || server.isSuperuser || seen.loginIsMemberOfOwner) return [];
  const excess = seen.ownRights.filter((right) => !allowed.includes(right)).join(', ');
  if (excess === '') return [];
  const remedy = `REVOKE ${excess} ON ${quoteTable(end.table.table)} FROM ${quoteIdentifier(server.login)}, or from the role that it has them from`;
  return [problemOf(end, `${as} ${server.login} has ${excess}, which it must not have`, remedy)];
}
