/** Compares a database with the oracle. */
import type { Client } from 'pg';
import type { Side } from '../../contract/sides';
import type { Expectation, Oracle } from './oracle';
import { compareStatement } from './statements';
import type { LiveTable } from './tables';
import type { Row } from './workload';

export interface TableFindings {
  readonly table: string;
  /** Acknowledged rows that are missing or different. */
  readonly lost: number;
  /** Existing rows that were never acknowledged, or acknowledged as deleted. */
  readonly extra: number;
}

export interface OracleFindings extends Omit<TableFindings, 'table'> {
  /** Rows that the oracle knows, including those that must not exist. */
  readonly rows: number;
  /** Tables with lost or extra rows. */
  readonly tables: readonly TableFindings[];
}

type RowResult = 'equal' | 'lost' | 'extra';

/** Rows per statement. */
const BATCH = 1_000;

/**
 * Compares every row that the oracle knows.
 * @param writtenAt compares only rows whose last write was on this side
 */
export async function compareWithOracle(
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
    const results: RowResult[] = [];
    for (let from = 0; from < expectations.length; from += BATCH)
      results.push(...(await compareBatch(client, table, expectations.slice(from, from + BATCH))));
    const count = (wanted: RowResult): number => results.filter((result) => result === wanted).length;
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
): Promise<RowResult[]> {
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
