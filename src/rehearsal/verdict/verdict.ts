/** Results of a rehearsal, and every reason to doubt them. */
import type { Side } from '../../contract/sides';
import { servingSide } from '../../contract/writes';
import { liveDoubts, type LiveFindings } from './live';

export interface TableVerdict {
  /** Target table, as the definition writes it. */
  readonly table: string;
  readonly sourceRows: number;
  readonly targetRows: number;
  /** From the ledger: what Sluice itself computed in each database. */
  readonly sourceChecksum: string | null;
  readonly targetChecksum: string | null;
  /** From the judge, who knows nothing of Sluice. */
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
}

export interface Findings {
  /** Last execution; null if the migration was done before. */
  readonly execution: {
    readonly status: string;
    readonly error: string | null;
    readonly cause: string | null;
  } | null;
  readonly ledger: {
    readonly status: string;
    readonly writes: string;
    readonly reason: string | null;
  } | null;
  readonly tables: readonly TableVerdict[];
  readonly probes: readonly {
    readonly side: Side;
    readonly table: string;
    readonly outcome: 'accepted' | 'refused' | 'unclear';
    readonly message: string | null;
  }[];
  /** Null without writers. */
  readonly live: LiveFindings | null;
  /** Checks that could not be made, in words. */
  readonly unseen: readonly string[];
}

/** Empty if the move is beyond doubt. */
export function doubtsOf(findings: Findings): string[] {
  const { execution, ledger, tables, probes, live, unseen } = findings;
  return [
    ...executionDoubts(execution),
    ...ledgerDoubts(ledger, execution),
    ...unseen,
    ...(tables.length === 0 && unseen.length === 0 ? ['no table was compared'] : []),
    ...tables.flatMap(tableDoubts),
    ...(live === null ? [] : liveDoubts(live, ledger?.writes)),
    // Before the flip the databases do not yet let through whom they should after it.
    ...(servingSide(ledger?.writes ?? '') === 'target' ? probes.flatMap(probeDoubts) : []),
  ];
}

function executionDoubts(execution: Findings['execution']): string[] {
  if (execution === null || execution.status === 'SUCCEEDED') return [];
  const { status, error, cause } = execution;
  if (status === 'RUNNING') return ['the execution had not ended'];
  return [
    [
      `the execution ended as ${status}`,
      error === null ? '' : ` with ${error}`,
      cause === null ? '' : `: ${messageOf(cause)}`,
    ].join(''),
  ];
}

/** A function's error arrives as JSON, with a stack; the message is what was written for people. */
function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { readonly errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}

function ledgerDoubts(ledger: Findings['ledger'], execution: Findings['execution']): string[] {
  if (ledger === null) return ['the ledger knows nothing of the migration'];
  const { status, writes, reason } = ledger;
  const isToldAlready = execution !== null && execution.cause !== null;
  return [
    ...(status === 'done'
      ? []
      : [`the ledger says ${status}${reason === null || isToldAlready ? '' : `: ${reason}`}`]),
    ...(servingSide(writes) === 'target' ? [] : [`writes are at ${writes}, not at the target`]),
  ];
}

function probeDoubts({ side, table, outcome, message }: Findings['probes'][number]): string[] {
  if (outcome === 'unclear')
    return [`${side} table ${table}: whether the application may write is unclear: ${message ?? ''}`];
  if (side === 'source')
    return outcome === 'refused' ? [] : [`source table ${table} still takes the application's writes`];
  return outcome === 'accepted' ? [] : [`target table ${table} refuses the application's writes`];
}

function tableDoubts(table: TableVerdict): string[] {
  const differences = (['missing', 'extra', 'different'] as const).filter((kind) => table[kind] > 0);
  return [
    ...(differences.length === 0
      ? []
      : [`${table.table}: ${differences.map((kind) => `${table[kind]} ${kind}`).join(', ')}`]),
    ...(differences.length === 0 && table.sourceRows !== table.targetRows
      ? [`${table.table}: ${table.sourceRows} rows at the source, ${table.targetRows} at the target`]
      : []),
    ...(table.sourceChecksum === null || table.sourceChecksum !== table.targetChecksum
      ? [
          `${table.table}: Sluice's own checksums are ${table.sourceChecksum ?? 'missing'} and ${table.targetChecksum ?? 'missing'}`,
        ]
      : []),
  ];
}

export const isEqual = (table: TableVerdict): boolean => tableDoubts(table).length === 0;
