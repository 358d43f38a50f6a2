/** Aborts a migration that stopped because the owner changed its source, and checks that nothing of it remains. */
import { ERRORS } from '../../contract/errors';
import { servingSide } from '../../contract/writes';
import { stopsMigration, type InjectedFault } from '../faults';
import { runSql } from 'local-aws';
import { liveDoubts, type LiveFindings } from '../verdict/live';
import type { LiveApplication } from './live-application';
import type { ExecutionState, LedgerReport, Operator, Ports } from './ports';
import { probeWrites } from './probe';

const POLL_MS = 400;

/** Whether a change of the source stopped the migration, with the documented error and status. */
export const isStoppedAsDesigned = (
  injected: readonly InjectedFault[],
  execution: ExecutionState | null,
  report: LedgerReport | null,
): boolean =>
  injected.some(({ fault }) => stopsMigration(fault)) &&
  execution?.error === ERRORS.captureLost &&
  report?.record.status === 'held' &&
  servingSide(report.record.writes) !== 'target';

export interface StoppedFindings {
  readonly live: LiveFindings | null;
  /** Reasons to doubt that the source was left as it was. */
  readonly doubts: readonly string[];
}

/** Aborts the migration while the application writes, then checks the source and the ledger. */
export async function abortAndCheck(options: {
  readonly operator: Operator;
  readonly migration: string;
  readonly urls: { readonly admin: string; readonly app: string };
  readonly tables: readonly string[];
  readonly live: LiveApplication | null;
  readonly ports: Ports;
}): Promise<StoppedFindings> {
  const { operator, migration, urls, tables, live, ports } = options;
  const before = await live?.writersProgress();
  ports.note('the migration stopped as designed; aborting it');
  const generation = (await operator.report(migration))?.record.generation ?? 1;
  const reason = 'the rehearsal stopped as designed';
  const abort = await operator.startAbort({ migration, generation, reason });
  let state = await operator.describe(abort);
  while (state === null || state.status === 'RUNNING') {
    ports.interrupted.throwIfAborted();
    await ports.sleep(POLL_MS);
    state = await operator.describe(abort);
  }
  await live?.stop(true, ports);
  const after = await live?.writersProgress();
  const findings = (await live?.compare('source'))?.findings ?? null;
  const report = await operator.report(migration);
  const probes = await probeWrites('source', urls, tables);
  const left = await runSql<{ name: string }>(
    urls.admin,
    "SELECT nspname::text AS name FROM pg_namespace WHERE nspname = 'sluice'",
  );
  return {
    live: findings,
    doubts: [
      ...(state.status === 'SUCCEEDED' ? [] : [`the abort ended as ${state.status}: ${state.error ?? ''}`]),
      ...(report?.record.status === 'aborted'
        ? []
        : [`after the abort the migration is ${report?.record.status ?? 'not in the ledger'}, not aborted`]),
      ...(findings === null ? [] : liveDoubts(findings, 'source')),
      ...(before !== undefined && after !== undefined && after.acknowledged <= before.acknowledged
        ? ['no write was acknowledged after the migration stopped']
        : []),
      ...probes
        .filter(({ outcome }) => outcome !== 'accepted')
        .map(({ table, outcome, message }) =>
          outcome === 'refused'
            ? `source table ${table} still refuses the application's writes after the abort`
            : `source table ${table}: a test write failed for an unexpected reason: ${message ?? ''}`,
        ),
      ...left.map(({ name }) => `the abort left schema ${name} on the source`),
    ],
  };
}
