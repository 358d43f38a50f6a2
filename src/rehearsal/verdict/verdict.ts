/** What a rehearsal found, and every reason to doubt it. */

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
    readonly side: 'source' | 'target';
    readonly table: string;
    readonly outcome: 'accepted' | 'refused' | 'unclear';
    readonly message: string | null;
  }[];
  /** What could not be looked at, in words. */
  readonly unseen: readonly string[];
}

/** Empty if the move is beyond doubt. */
export function doubtsOf({ execution, ledger, tables, probes, unseen }: Findings): string[] {
  return [
    ...(execution === null || execution.status === 'SUCCEEDED'
      ? []
      : [
          `the execution ended as ${execution.status}${execution.error === null ? '' : ` with ${execution.error}`}${execution.cause === null ? '' : `: ${execution.cause}`}`,
        ]),
    ...ledgerDoubts(ledger),
    ...unseen,
    ...(tables.length === 0 && unseen.length === 0 ? ['no table was compared'] : []),
    ...tables.flatMap(tableDoubts),
    ...probes.flatMap(({ side, table, outcome, message }) => {
      const wanted = side === 'source' ? 'refused' : 'accepted';
      if (outcome === wanted) return [];
      if (outcome === 'unclear')
        return [`${side} table ${table}: whether the application may write is unclear: ${message ?? ''}`];
      return [
        side === 'source'
          ? `source table ${table} still takes the application's writes`
          : `target table ${table} refuses the application's writes`,
      ];
    }),
  ];
}

function ledgerDoubts(ledger: Findings['ledger']): string[] {
  if (ledger === null) return ['the ledger knows nothing of the migration'];
  return [
    ...(ledger.status === 'done'
      ? []
      : [`the ledger says ${ledger.status}${ledger.reason === null ? '' : `: ${ledger.reason}`}`]),
    ...(ledger.writes === 'target' ? [] : [`writes are at ${ledger.writes}, not at the target`]),
  ];
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
