/** The application that writes during a migration of shape `cdc`. */
import { traitsOf } from '../../contract/lifecycle';
import type { Side } from '../../contract/sides';
import { controlTableName } from '../../contract/names';
import type { ExcludedKeys } from '../judge';
import type { WritersProgress } from '../screen/progress';
import type { LiveFindings } from '../verdict/live';
import { forkWorkload, workloadFile, type ForkedWorkload } from '../workload/fork';
import type { Comparison, Progress } from '../workload/live-workload';
import { appUrl, ENVIRONMENT, type OpenRehearsal } from './open';
import type { Ports } from './ports';
import { findLeftovers } from './find-leftovers';
import { isOneDatabase } from './one-database';

export interface LiveComparison {
  readonly findings: LiveFindings;
  /** Keys that were written after the flip, whose rows therefore differ between the sides. */
  readonly excludedKeys: ExcludedKeys;
}

/** Time for which the writers continue after the migration is done. */
const WRITE_AFTER_FLIP_MS = 3_000;

export class LiveApplication {
  private constructor(
    private readonly rehearsal: OpenRehearsal,
    private readonly writers: ForkedWorkload,
  ) {}

  /** Starts the migration's workload. Returns null for another shape, or without a `workload.ts`. */
  static async start(
    rehearsal: OpenRehearsal,
    projectRoot: string,
    ports: Ports,
  ): Promise<LiveApplication | null> {
    const { migration, directory, engine, state } = rehearsal;
    if (!traitsOf(migration.shape).capturesChanges) return null;
    const file = workloadFile(projectRoot, migration.name);
    if (file === null) {
      ports.note(
        `migrations/${migration.name}/workload.ts does not exist, so no application writes during this rehearsal`,
      );
      return null;
    }
    const writers = await forkWorkload({
      ...{ file, migration: migration.name, tables: migration.tables, seed: state.seed },
      urls: { source: appUrl(rehearsal, 'source'), target: appUrl(rehearsal, 'target') },
      journalPath: directory.workloadJournal(),
      controlTable: controlTableName(ENVIRONMENT),
      environment: engine.environment,
    });
    await writers.start();
    return new LiveApplication(rehearsal, writers);
  }

  async writersProgress(): Promise<WritersProgress> {
    const { acknowledged, side } = await this.writers.progress();
    return { acknowledged: acknowledged.source + acknowledged.target, side };
  }

  /** @param isMoved whether the target takes writes; then the writers continue there for a few seconds */
  async stop(isMoved: boolean, ports: Ports): Promise<void> {
    if (isMoved) await ports.sleep(WRITE_AFTER_FLIP_MS);
    await this.writers.stop();
  }

  /** Call it after `stop`. @param owner the side that takes writes */
  async compare(owner: Side): Promise<LiveComparison> {
    const progress = await this.writers.progress();
    const comparison = await this.writers.compare(owner);
    // Before the flip, Sluice's objects must be on the source; after an abort, their schema is checked as a whole.
    const { servers, endpoints, migration } = this.rehearsal;
    const leftovers =
      owner === 'target' ? await findLeftovers(servers.source.adminUrl, isOneDatabase(endpoints)) : [];
    const targets = new Map(migration.tables.map(({ source, target }) => [source, target]));
    return {
      findings: findingsOf(progress, comparison, leftovers),
      excludedKeys: Object.fromEntries(
        Object.entries(comparison.writtenAtTarget).map(([source, keys]) => [
          targets.get(source) ?? source,
          keys,
        ]),
      ),
    };
  }

  close(): Promise<void> {
    return this.writers.close();
  }
}

function findingsOf(
  progress: Progress,
  { owner, source }: Comparison,
  leftovers: readonly string[],
): LiveFindings {
  const { acknowledged, rowsWritten, rolledBack, refused, retried, conflicts } = progress;
  const { responsesLost, disconnected, failures, pauses, longestWaitMs } = progress;
  return {
    ...{ acknowledged, rowsWritten, rolledBack, refused, retried, conflicts },
    ...{ responsesLost, disconnected, failures, leftovers },
    pauseMs: pauses.findLast(({ endedBy }) => endedBy === 'target')?.ms ?? null,
    cancelledPauses: pauses.filter(({ endedBy }) => endedBy === 'source').length,
    longestWaitMs,
    rowsKnown: owner.rows,
    lost: owner.lost,
    extra: owner.extra,
    tables: owner.tables,
    sourceDiffers: source === null ? 0 : source.lost + source.extra,
  };
}
