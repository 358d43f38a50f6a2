/** A rehearsal: moves rows between real servers with the synthesized deployment, then checks that they arrived. */
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Side } from '../../contract/sides';
import { controlTableName } from '../../contract/names';
import { servingSide } from '../../contract/writes';
import { type AccessReport, type ModelledCost, modelCost } from 'local-aws';
import type { InjectedFault } from '../faults';
import { judge, type TableComparison } from '../judge';
import { Observer, type ObserverReport } from '../observer';
import type { ScreenOutput } from '../screen/screen';
import type { LiveFindings } from '../verdict/live';
import { doubtsOf, type Findings, type TableVerdict } from '../verdict/verdict';
import { accessDoubts, Denials, writeAccess } from './access';
import { runMigration, rowsOf, type WatchedExecution } from './execution';
import { appUrl, ENVIRONMENT, openRehearsal, type OpenOptions, type OpenRehearsal } from './open';
import { LiveApplication } from './live-application';
import type { LedgerReport, Operator, Ports } from './ports';
import { probeWrites } from './probe';
import { secondsPerStage } from './stage-seconds';
import { abortAndCheck, isStoppedAsDesigned } from './abort-and-check';

export { accessText, Denials, writeAccess } from './access';
export { PLAN_DEFAULTS } from './claim-directory';
export { ENVIRONMENT, openRehearsal, type OpenOptions, type OpenRehearsal } from './open';
export type { Ports, RehearsedMigration } from './ports';
export type { RehearsalPlan } from './state';
export { createTemplate } from './template';

export interface RehearsalResult extends ModelledCost {
  readonly command: 'rehearse';
  readonly machine: {
    readonly cpus: number;
    readonly memoryBytes: number;
    readonly node: string;
    readonly platform: string;
  };
  readonly verdict: 'pass' | 'fail';
  readonly doubts: readonly string[];
  readonly migration: string;
  /** Whether the migration flipped writes to the target. */
  readonly flipped: boolean;
  readonly tables: readonly TableVerdict[];
  /** Observations of the writers; null if no application wrote during the migration. */
  readonly live: LiveFindings | null;
  /** Seconds of each stage in the last execution, from its history. */
  readonly secondsPerStage: Readonly<Record<string, number>>;
  /** Rows that the last execution copied, over the seconds of its stage `backfill`; null if it copied none. */
  readonly rowsPerSecond: number | null;
  /** The injected faults, in order. */
  readonly faults: readonly InjectedFault[];
  /** The command that selects the same faults again; null if none were requested. */
  readonly replay: string | null;
  /** The observer's report; null if nothing was observed. */
  readonly observed: ObserverReport | null;
  /** Why the migration stopped as designed, before the rehearsal aborted it; null if it did not stop. */
  readonly stopped: string | null;
  /** Denied calls and unused permissions. */
  readonly access: AccessReport;
  /** The first findings of preflight that do not stop the migration. */
  readonly notices: readonly string[];
}

export async function rehearse(
  options: OpenOptions,
  screen: ScreenOutput,
  ports: Ports,
): Promise<RehearsalResult> {
  const rehearsal = await openRehearsal(options, ports);
  try {
    const operator = ports.operatorOf(rehearsal.engine.environment);
    const isObserved = options.observe ?? rehearsal.faults !== null;
    const observer = isObserved ? await startObserver(rehearsal, ports) : null;
    let live: LiveApplication | null = null;
    try {
      live = await LiveApplication.start(rehearsal, options.projectRoot, ports);
      const denials = new Denials(rehearsal.engine, ports);
      const { name } = rehearsal.migration;
      const watched = await runMigration(operator, name, screen, ports, { writers: live, denials });
      const report = await operator.report(rehearsal.migration.name);
      ports.interrupted.throwIfAborted();
      const run = { rehearsal, operator, watched, report };
      if (isStoppedAsDesigned(rehearsal.faults?.injected ?? [], watched?.state ?? null, report))
        return await stoppedResult(run, live, observer, ports);
      await rehearsal.faults?.end();
      const findings = await collectFindings({ ...run, live, ports });
      const observed = (await observer?.stop()) ?? null;
      return await resultOf({ ...run, findings, observed });
    } finally {
      await observer?.close();
      await live?.close();
    }
  } finally {
    await options.onClose?.(rehearsal).catch((error: unknown) => ports.note(String(error)));
    await rehearsal.close();
  }
}

async function collectFindings({
  rehearsal,
  watched,
  report,
  live,
  ports,
}: {
  readonly rehearsal: OpenRehearsal;
  readonly watched: WatchedExecution | null;
  readonly report: LedgerReport | null;
  readonly live: LiveApplication | null;
  readonly ports: Ports;
}): Promise<Findings> {
  const unchecked: string[] = [];
  const attempt = async <T>(failure: string, check: () => Promise<T>, fallback: T): Promise<T> => {
    try {
      return await check();
    } catch (error) {
      ports.interrupted.throwIfAborted();
      unchecked.push(`${failure}: ${error instanceof Error ? error.message : String(error)}`);
      return fallback;
    }
  };
  const { servers, migration } = rehearsal;
  const owner = servingSide(report?.record.writes ?? '') === 'target' ? 'target' : 'source';
  const comparison = await attempt(
    "comparing the rows with the writers' journal failed",
    async () => {
      await live?.stop(owner === 'target', ports);
      return (await live?.compare(owner)) ?? null;
    },
    null,
  );
  ports.note('comparing both sides, independently of Sluice');
  // Before the probes: these are rolled back, but triggers of the tables may have other effects.
  const comparisons = await attempt(
    "the judge's comparison failed",
    () => judge(servers.source.adminUrl, servers.target.adminUrl, migration, comparison?.excludedKeys),
    [],
  );
  const probesOf = (side: Side) =>
    attempt(
      `testing whether the application may write to the ${side} failed`,
      () =>
        probeWrites(
          side,
          { admin: servers[side].adminUrl, app: appUrl(rehearsal, side) },
          migration.tables.map((table) => table[side]),
        ),
      [],
    );
  const probes = [...(await probesOf('source')), ...(await probesOf('target'))];
  return {
    execution: watched?.state ?? null,
    ledger: report?.record ?? null,
    tables: comparisons.map((compared) => withChecksums(compared, report)),
    ...{ probes, live: comparison?.findings ?? null, unchecked },
  };
}

function withChecksums(comparison: TableComparison, report: LedgerReport | null): TableVerdict {
  const ledger = report?.tables.find(({ table }) => table === comparison.table);
  // A checksum of the table needs every chunk.
  const isComplete = ledger !== undefined && ledger.chunksEqual + ledger.chunksUnequal === ledger.chunks;
  return {
    ...comparison,
    sourceChecksum: isComplete ? ledger.source.checksum : null,
    targetChecksum: isComplete ? ledger.target.checksum : null,
  };
}

/** By default the observer is started only if faults are injected, because observing slows the migration down. */
async function startObserver(
  { migration, engine, servers, directory }: OpenRehearsal,
  ports: Ports,
): Promise<Observer> {
  return Observer.start({
    ...{ migration: migration.name, tables: migration.tables, environment: engine.environment },
    controlTable: controlTableName(ENVIRONMENT),
    urls: { source: servers.source.adminUrl, target: servers.target.adminUrl },
    directories: ['logs', 'step-functions'].map((name) => join(directory.engine(), name)),
    note: (line) => ports.note(line),
  });
}

interface Run {
  readonly rehearsal: OpenRehearsal;
  readonly operator: Operator;
  readonly watched: WatchedExecution | null;
  readonly report: LedgerReport | null;
}

/** Returns the result of a migration that stopped as designed: it passes if its abort leaves the source unchanged. */
async function stoppedResult(
  run: Run,
  live: LiveApplication | null,
  observer: Observer | null,
  ports: Ports,
): Promise<RehearsalResult> {
  const { rehearsal, operator } = run;
  const { migration, servers, faults } = rehearsal;
  const { doubts, live: liveFindings } = await abortAndCheck({
    ...{ operator, migration: migration.name, live, ports },
    urls: { admin: servers.source.adminUrl, app: appUrl(rehearsal, 'source') },
    tables: migration.tables.map(({ source }) => source),
  });
  await faults?.end();
  const observed = (await observer?.stop()) ?? null;
  const findings: Findings = {
    ...{ execution: null, ledger: null, tables: [], probes: [], live: liveFindings, unchecked: [] },
  };
  const result = await resultOf({ ...run, findings, observed });
  const all = [...accessDoubts(result.access), ...doubts, ...observerDoubts(observed)];
  return {
    ...result,
    doubts: all,
    verdict: all.length === 0 ? 'pass' : 'fail',
    stopped: run.report?.record.reason ?? 'no reason given',
  };
}

const observerDoubts = (observed: ObserverReport | null): string[] =>
  observed === null
    ? []
    : [
        ...observed.breaches.map(
          ({ law, description, at }) =>
            `law ${law} of docs/guide/faults.md was broken, first observed at ${at}: ${description}`,
        ),
        ...(observed.observations === 0 ? ['the observer made no observation'] : []),
      ];

async function resultOf({
  rehearsal,
  operator,
  watched,
  report,
  findings,
  observed,
}: Run & {
  readonly findings: Findings;
  readonly observed: ObserverReport | null;
}): Promise<RehearsalResult> {
  const seconds =
    watched === null
      ? {}
      : secondsPerStage(await operator.history(watched.executionArn), report?.journal ?? []);
  const access = await rehearsal.engine.access();
  writeAccess(rehearsal.directory.access(), access);
  const doubts = [...accessDoubts(access), ...doubtsOf(findings), ...observerDoubts(observed)];
  const copied = watched === null ? 0 : rowsOf(report) - watched.rowsBefore;
  const backfill = seconds['backfill'] ?? 0;
  return {
    command: 'rehearse',
    machine: {
      cpus: cpus().length,
      memoryBytes: totalmem(),
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    },
    verdict: doubts.length === 0 ? 'pass' : 'fail',
    doubts,
    migration: rehearsal.migration.name,
    flipped: servingSide(report?.record.writes ?? '') === 'target',
    tables: findings.tables,
    live: findings.live,
    secondsPerStage: seconds,
    rowsPerSecond: copied > 0 && backfill > 0 ? Math.round(copied / backfill) : null,
    ...modelCost(await rehearsal.engine.counters()),
    faults: rehearsal.faults?.injected ?? [],
    replay: rehearsal.replay,
    observed,
    stopped: null,
    access,
    notices: report?.record.notices?.shown ?? [],
  };
}
