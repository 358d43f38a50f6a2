/** Holds a database against the oracle. */
import type { Client } from 'pg';
import type { Side } from '../../contract/sides';
import type { Expectation, Oracle } from './oracle';
import { compareStatement } from './statements';
import type { LiveTable } from './tables';
import type { Row } from './workload';

export interface TableFindings {
  readonly table: string;
  /** Acknowledged, but not there, or different. */
  readonly lost: number;
  /** There, but never acknowledged, or acknowledged to be gone. */
  readonly extra: number;
}

export interface OracleFindings extends Omit<TableFindings, 'table'> {
  /** Rows that the oracle knows of, those that must not be there included. */
  readonly rows: number;
  /** Those with findings. */
  readonly tables: readonly TableFindings[];
}

type Standing = 'equal' | 'lost' | 'extra';

/** Rows per statement. */
const BATCH = 1_000;

/**
 * Compares every row that the writers know of.
 * @param writtenAt only rows that were written there last
 */
export async function compareAll(
  client: Client,
  tables: ReadonlyMap<string, LiveTable>,
  oracle: Oracle,
  writtenAt?: Side,
): Promise<OracleFindings> {
  let rows = 0;
  const found: TableFindings[] = [];
  for (const table of tables.values()) {
    const expectations = oracle
      .expectations(table.name)
      .filter(({ side }) => writtenAt === undefined || side === writtenAt);
    rows += expectations.length;
    const standings: Standing[] = [];
    for (let from = 0; from < expectations.length; from += BATCH)
      standings.push(...(await compareBatch(client, table, expectations.slice(from, from + BATCH))));
    const count = (wanted: Standing): number => standings.filter((standing) => standing === wanted).length;
    found.push({ table: table.name, lost: count('lost'), extra: count('extra') });
  }
  const total = (of: (findings: TableFindings) => number): number =>
    found.reduce((sum, findings) => sum + of(findings), 0);
  return {
    rows,
    lost: total(({ lost }) => lost),
    extra: total(({ extra }) => extra),
    tables: found.filter(({ lost, extra }) => lost + extra > 0),
  };
}

async function compareBatch(
  client: Client,
  table: LiveTable,
  expectations: readonly Expectation[],
): Promise<Standing[]> {
  const { text, values } = compareStatement(
    table,
    expectations.map(({ key, row }) => row ?? rowOf(table, key)),
  );
  const { rows } = await client.query<{ n: string; there: string; same: string | null }>(text, values);
  const byPlace = new Map(rows.map((row) => [Number(row.n) - 1, row]));
  return expectations.map(({ row, lost }, index) => {
    const found = byPlace.get(index);
    if (row === null) return found?.there === 't' ? 'extra' : lost ? 'lost' : 'equal';
    return lost || found?.same !== 't' ? 'lost' : 'equal';
  });
}

const rowOf = ({ key }: LiveTable, values: readonly string[]): Row =>
  Object.fromEntries(key.map((name, index) => [name, values[index] ?? null]));
