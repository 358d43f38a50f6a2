/** Findings of a rehearsal, and the reasons to doubt the migration. */
import type { Side } from '../../contract/sides';
import { servingSide } from '../../contract/writes';
import { liveDoubts, type LiveFindings } from './live';

export interface TableVerdict {
  /** Target table, as the definition writes it. */
  readonly table: string;
  readonly sourceRows: number;
  readonly targetRows: number;
  /** Checksums that Sluice computed in each database, from the ledger. */
  readonly sourceChecksum: string | null;
  readonly targetChecksum: string | null;
  /** Counted by the judge, which shares no code with Sluice. */
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
}

export interface Findings {
  /** The last execution; null if the migration was already done. */
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
  /** Null if no application wrote during the migration. */
  readonly live: LiveFindings | null;
  /** Descriptions of checks that failed to run. */
  readonly unchecked: readonly string[];
}

/** Returns the reasons to doubt the migration; empty if it passes. */
export function doubtsOf(findings: Findings): string[] {
  const { execution, ledger, tables, probes, live, unchecked } = findings;
  return [
    ...executionDoubts(execution),
    ...ledgerDoubts(ledger, execution),
    ...unchecked,
    ...(tables.length === 0 && unchecked.length === 0 ? ['no table was compared'] : []),
    ...tables.flatMap(tableDoubts),
    ...(live === null ? [] : liveDoubts(live, ledger?.writes)),
    // The probes expect the access after the flip, so they mean nothing before it.
    ...(servingSide(ledger?.writes ?? '') === 'target' ? probes.flatMap(probeDoubts) : []),
  ];
}

function executionDoubts(execution: Findings['execution']): string[] {
  if (execution === null || execution.status === 'SUCCEEDED') return [];
  const { status, error, cause } = execution;
  if (status === 'RUNNING') return ['the execution had not ended when the rehearsal stopped waiting for it'];
  return [
    [
      `the execution ended as ${status}`,
      error === null ? '' : ` with ${error}`,
      cause === null ? '' : `: ${messageOf(cause)}`,
    ].join(''),
  ];
}

/** Returns the message of a function's error, which arrives as JSON with a stack. */
function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { readonly errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}

function ledgerDoubts(ledger: Findings['ledger'], execution: Findings['execution']): string[] {
  if (ledger === null) return ['the ledger has no record of the migration'];
  const { status, writes, reason } = ledger;
  const isReported = execution !== null && execution.cause !== null;
  return [
    ...(status === 'done'
      ? []
      : [`the migration is ${status}, not done${reason === null || isReported ? '' : `: ${reason}`}`]),
    ...(servingSide(writes) === 'target' ? [] : [`writes are at ${writes}, not at the target`]),
  ];
}

function probeDoubts({ side, table, outcome, message }: Findings['probes'][number]): string[] {
  if (outcome === 'unclear')
    return [`${side} table ${table}: a test write failed for an unexpected reason: ${message ?? ''}`];
  if (side === 'source')
    return outcome === 'refused' ? [] : [`source table ${table} still accepts the application's writes`];
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
    ...checksumDoubts(table),
  ];
}

function checksumDoubts({ table, sourceChecksum, targetChecksum }: TableVerdict): string[] {
  if (sourceChecksum === null || targetChecksum === null)
    return [`${table}: Sluice has no checksums, because it did not compare every chunk`];
  return sourceChecksum === targetChecksum
    ? []
    : [
        `${table}: Sluice's checksums differ: ${sourceChecksum} at the source, ${targetChecksum} at the target`,
      ];
}

export const isEqual = (table: TableVerdict): boolean => tableDoubts(table).length === 0;
