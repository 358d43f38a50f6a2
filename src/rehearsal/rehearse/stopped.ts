/** A migration that stopped because its source was changed by its owner: it must let go without a trace. */
import { ERRORS } from '../../contract/errors';
import { servingSide } from '../../contract/writes';
import { isStopping, type InjectedFault } from '../faults';
import { runSql } from 'local-aws';
import { liveDoubts, type LiveFindings } from '../verdict/live';
import type { LiveApplication } from './live';
import type { ExecutionState, LedgerReport, Operator, Ports } from './ports';
import { probeWrites } from './probe';

const POLL_MS = 400;

/** Whether it stopped in the state that was named for such a case. */
export const isStoppedAsDesigned = (
  injected: readonly InjectedFault[],
  execution: ExecutionState | null,
  report: LedgerReport | null,
): boolean =>
  injected.some(({ fault }) => isStopping(fault)) &&
  execution?.error === ERRORS.captureLost &&
  report?.record.status === 'held' &&
  servingSide(report.record.writes) !== 'target';

export interface StoppedFindings {
  readonly live: LiveFindings | null;
  /** Reasons to doubt that the source was left as it was. */
  readonly doubts: readonly string[];
}

/** Aborts while the application writes, and checks what remains. */
export async function abortStopped(options: {
  readonly operator: Operator;
  readonly migration: string;
  readonly urls: { readonly admin: string; readonly app: string };
  readonly tables: readonly string[];
  readonly live: LiveApplication | null;
  readonly ports: Ports;
}): Promise<StoppedFindings> {
  const { operator, migration, urls, tables, live, ports } = options;
  const before = await live?.stand();
  ports.note('stopped as designed; aborting it');
  const abort = await operator.startAbort({ migration, reason: 'the rehearsal stopped as designed' });
  let state = await operator.describe(abort);
  while (state === null || state.status === 'RUNNING') {
    ports.interrupted.throwIfAborted();
    await ports.sleep(POLL_MS);
    state = await operator.describe(abort);
  }
  await live?.stop(true, ports);
  const after = await live?.stand();
  const findings = (await live?.look('source'))?.findings ?? null;
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
        : [`after the abort the ledger says ${report?.record.status}`]),
      ...(findings === null ? [] : liveDoubts(findings, 'source')),
      ...(before !== undefined && after !== undefined && after.acknowledged <= before.acknowledged
        ? ['no write was acknowledged after the migration stopped']
        : []),
      ...probes
        .filter(({ outcome }) => outcome !== 'accepted')
        .map(
          ({ table, outcome, message }) => `source table ${table}: a write was ${outcome} ${message ?? ''}`,
        ),
      ...left.map(({ name }) => `the abort left schema ${name} on the source`),
    ],
  };
}
