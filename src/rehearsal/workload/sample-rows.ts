import type { Client } from 'pg';
import type { AdoptedRow } from './oracle';
import { childrenStatement, sampleStatement } from './statements';
import { columnOf, keyOf, keyText, type LiveTable } from './tables';
import type { OwnedRows, Row, Workload } from './workload';

/** Samples the writers' initial rows, and assigns each row to one writer or to all. */
export async function sampleRows(
  client: Client,
  tables: ReadonlyMap<string, LiveTable>,
  { own, shared = [] }: Pick<Workload, 'own' | 'shared'>,
  { writers, seed }: { readonly writers: number; readonly seed: number },
): Promise<AdoptedRow[]> {
  const assigned = new Map<string, AdoptedRow>();
  const assign = (table: LiveTable, row: Row, owner: number | null): void => {
    const key = keyOf(table, row);
    const name = `${table.name} ${keyText(key)}`;
    if (!assigned.has(name)) assigned.set(name, { table: table.name, key, row, owner });
  };
  const sample = async (table: LiveTable, rows: number): Promise<Row[]> => {
    const { text, values } = sampleStatement(table, rows, seed);
    return (await client.query<Record<string, string | null>>(text, values)).rows;
  };
  // Shared rows first, because a row cannot be both shared and owned by one writer.
  for (const { table, rows, counters } of shared) {
    const live = tableNamed(tables, table);
    for (const counter of counters) columnOf(live, counter);
    for (const row of await sample(live, rows)) assign(live, row, null);
  }
  for (const owned of own) {
    const live = tableNamed(tables, owned.table);
    const parents = await sample(live, owned.rows);
    parents.forEach((row, index) => assign(live, row, index % writers));
    await assignChildren(client, tables, owned, parents, (table, row, parent) =>
      assign(table, row, parent % writers),
    );
  }
  return [...assigned.values()];
}

async function assignChildren(
  client: Client,
  tables: ReadonlyMap<string, LiveTable>,
  { children = [] }: OwnedRows,
  parents: readonly Row[],
  assign: (table: LiveTable, row: Row, parent: number) => void,
): Promise<void> {
  for (const { table, on } of children) {
    const live = tableNamed(tables, table);
    const pairs = Object.entries(on);
    const places = new Map(
      parents.map((row, index) => [keyText(pairs.map(([, column]) => row[column] ?? null)), index]),
    );
    const { text, values } = childrenStatement(live, parents, on);
    for (const row of (await client.query<Record<string, string | null>>(text, values)).rows) {
      const parent = places.get(keyText(pairs.map(([column]) => row[column] ?? null)));
      if (parent !== undefined) assign(live, row, parent);
    }
  }
}

function tableNamed(tables: ReadonlyMap<string, LiveTable>, name: string): LiveTable {
  const table = tables.get(name);
  if (table === undefined)
    throw new Error(
      `the workload names table ${name}, which is not mapped, or only with a filter; name a table that is mapped without one`,
    );
  return table;
}
