/** A rehearsal: moves real rows between real servers with what would be deployed, then looks whether they arrived. */
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Side } from '../../contract/sides';
import { controlTableName } from '../../contract/names';
import { servingSide } from '../../contract/writes';
import { type AccessReport, type ModelledCost, modelCost } from 'local-aws';
import type { InjectedFault } from '../faults';
import { judge, type TableJudgement } from '../judge';
import { Observer, type Observation } from '../observer';
import type { ScreenOutput } from '../screen/screen';
import type { LiveFindings } from '../verdict/live';
import { doubtsOf, type Findings, type TableVerdict } from '../verdict/verdict';
import { accessDoubts, Denials, writeAccess } from './access';
import { runMigration, rowsOf, type Watched } from './execution';
import { appUrl, ENVIRONMENT, openRehearsal, type OpenOptions, type OpenRehearsal } from './open';
import { LiveApplication } from './live';
import type { LedgerReport, Operator, Ports } from './ports';
import { probeWrites } from './probe';
import { secondsPerStage } from './stage-seconds';
import { abortStopped, isStoppedAsDesigned } from './stopped';

export { accessText, Denials, writeAccess } from './access';
export { PLAN_DEFAULTS } from './claim';
export { ENVIRONMENT, openRehearsal, type OpenOptions, type OpenRehearsal } from './open';
export type { Ports, RehearsedMigration } from './ports';
export type { RehearsalPlan } from './state';
export { makeTemplate } from './template';

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
  /** Whether writes went to the target. */
  readonly flipped: boolean;
  readonly tables: readonly TableVerdict[];
  /** Results of the writers; null without writers. */
  readonly live: LiveFindings | null;
  /** Of the last execution, from its history. */
  readonly secondsPerStage: Readonly<Record<string, number>>;
  /** Rows that the last execution copied, over the seconds of its stage `backfill`; null if it copied none. */
  readonly rowsPerSecond: number | null;
  /** Injected faults, in order. */
  readonly faults: readonly InjectedFault[];
  /** The command that decides upon the same faults again; null if there were to be none. */
  readonly replay: string | null;
  /** Results of the observer; null without faults. */
  readonly observed: Observation | null;
  /** Why the migration stopped, as it must if its source is changed under it, and was aborted; null: it did not. */
  readonly stopped: string | null;
  /** Denied calls, and unused grants. */
  readonly access: AccessReport;
  readonly ways: readonly never[];
  readonly figures: readonly never[];
}

export async function rehearse(
  options: OpenOptions,
  screen: ScreenOutput,
  ports: Ports,
): Promise<RehearsalResult> {
  const rehearsal = await openRehearsal(options, ports);
  try {
    const operator = ports.operatorOf(rehearsal.engine.environment);
    const observer = await observe(rehearsal, ports);
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
      const findings = await look({ ...run, live, ports });
      const observed = (await observer?.stop()) ?? null;
      return await resultOf({ ...run, findings, observed });
    } finally {
      await observer?.close();
      await live?.close();
    }
  } finally {
    await rehearsal.close();
  }
}

async function look({
  rehearsal,
  watched,
  report,
  live,
  ports,
}: {
  readonly rehearsal: OpenRehearsal;
  readonly watched: Watched | null;
  readonly report: LedgerReport | null;
  readonly live: LiveApplication | null;
  readonly ports: Ports;
}): Promise<Findings> {
  const unseen: string[] = [];
  const tryTo = async <T>(what: string, question: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await question();
    } catch (error) {
      ports.interrupted.throwIfAborted();
      unseen.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return otherwise;
    }
  };
  const { servers, migration } = rehearsal;
  const owner = servingSide(report?.record.writes ?? '') === 'target' ? 'target' : 'source';
  const lookedAt = await tryTo(
    'what the writers know could not be compared',
    async () => {
      await live?.stop(owner === 'target', ports);
      return (await live?.look(owner)) ?? null;
    },
    null,
  );
  ports.note('comparing both sides, without Sluice');
  // The judge first: a probe is rolled back, but whatever else the tables do then is theirs.
  const judgements = await tryTo(
    'the judge could not compare',
    () => judge(servers.source.adminUrl, servers.target.adminUrl, migration, lookedAt?.except),
    [],
  );
  const probesOf = (side: Side) =>
    tryTo(
      `the ${side} could not be queried whether the application may write`,
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
    tables: judgements.map((judgement) => withChecksums(judgement, report)),
    ...{ probes, live: lookedAt?.findings ?? null, unseen },
  };
}

function withChecksums(judgement: TableJudgement, report: LedgerReport | null): TableVerdict {
  const ledger = report?.tables.find(({ table }) => table === judgement.table);
  // A sum over some of the chunks is not a checksum of the table.
  const compared = ledger !== undefined && ledger.chunksEqual + ledger.chunksUnequal === ledger.chunks;
  return {
    ...judgement,
    sourceChecksum: compared ? ledger.source.checksum : null,
    targetChecksum: compared ? ledger.target.checksum : null,
  };
}

/** Only with faults: its checks would slow the measured migration. */
async function observe(
  { faults, migration, engine, servers, directory }: OpenRehearsal,
  ports: Ports,
): Promise<Observer | null> {
  if (faults === null) return null;
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
  readonly watched: Watched | null;
  readonly report: LedgerReport | null;
}

/** The migration stopped as designed; the verdict depends on the state that it leaves. */
async function stoppedResult(
  run: Run,
  live: LiveApplication | null,
  observer: Observer | null,
  ports: Ports,
): Promise<RehearsalResult> {
  const { rehearsal, operator } = run;
  const { migration, servers, faults } = rehearsal;
  const { doubts, live: lived } = await abortStopped({
    ...{ operator, migration: migration.name, live, ports },
    urls: { admin: servers.source.adminUrl, app: appUrl(rehearsal, 'source') },
    tables: migration.tables.map(({ source }) => source),
  });
  await faults?.end();
  const observed = (await observer?.stop()) ?? null;
  const findings: Findings = {
    ...{ execution: null, ledger: null, tables: [], probes: [], live: lived, unseen: [] },
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

const observerDoubts = (observed: Observation | null): string[] =>
  observed === null
    ? []
    : [
        ...observed.breaches.map(({ law, what, at }) => `law ${law} was broken, seen at ${at}: ${what}`),
        ...(observed.looks === 0 ? ['the observer saw nothing'] : []),
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
  readonly observed: Observation | null;
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
    ways: [],
    figures: [],
  };
}
