/** The application that writes while a migration of shape `cdc` runs. */
import { traitsOf } from '../../contract/lifecycle';
import type { Side } from '../../contract/sides';
import { controlTableName } from '../../contract/names';
import type { Except } from '../judge';
import type { WritersStand } from '../screen/progress';
import type { LiveFindings } from '../verdict/live';
import { forkWorkload, workloadFile, type ForkedWorkload } from '../workload/fork';
import type { Comparison, Progress } from '../workload/live-workload';
import { appUrl, ENVIRONMENT, type OpenRehearsal } from './open';
import type { Ports } from './ports';
import { tracesOf } from './traces';

export interface LookedAt {
  readonly findings: LiveFindings;
  /** Keys that were written after the flip: no two sides to compare. */
  readonly except: Except;
}

/** How long writers continue after the migration. */
const AFTERWARDS_MS = 3_000;

export class LiveApplication {
  private constructor(
    private readonly rehearsal: OpenRehearsal,
    private readonly writers: ForkedWorkload,
  ) {}

  /** Starts the migration's workload. Null without writers: another shape, or no `workload.ts`. */
  static async start(
    rehearsal: OpenRehearsal,
    projectRoot: string,
    ports: Ports,
  ): Promise<LiveApplication | null> {
    const { migration, directory, engine, state } = rehearsal;
    if (!traitsOf(migration.shape).capturesChanges) return null;
    const file = workloadFile(projectRoot, migration.name);
    if (file === null) {
      ports.note(`migrations/${migration.name}/workload.ts does not exist: the rehearsal has no writers`);
      return null;
    }
    const writers = await forkWorkload({
      ...{ file, migration: migration.name, tables: migration.tables, seed: state.seed },
      urls: { source: appUrl(rehearsal, 'source'), target: appUrl(rehearsal, 'target') },
      journalPath: directory.workload(),
      controlTable: controlTableName(ENVIRONMENT),
      environment: engine.environment,
    });
    await writers.start();
    return new LiveApplication(rehearsal, writers);
  }

  async stand(): Promise<WritersStand> {
    const { acknowledged, side } = await this.writers.progress();
    return { acknowledged: acknowledged.source + acknowledged.target, side };
  }

  /** @param isMoved whether the target takes writes; writers then continue there for a while */
  async stop(isMoved: boolean, ports: Ports): Promise<void> {
    if (isMoved) await ports.sleep(AFTERWARDS_MS);
    await this.writers.stop();
  }

  /** After `stop`. @param owner who takes writes */
  async look(owner: Side): Promise<LookedAt> {
    const progress = await this.writers.progress();
    const comparison = await this.writers.compare(owner);
    // Otherwise Sluice is still installed, or was removed completely.
    const traces = owner === 'target' ? await tracesOf(this.rehearsal.servers.source.adminUrl) : [];
    const targets = new Map(this.rehearsal.migration.tables.map(({ source, target }) => [source, target]));
    return {
      findings: findingsOf(progress, comparison, traces),
      except: Object.fromEntries(
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
  traces: readonly string[],
): LiveFindings {
  const { acknowledged, rowsWritten, rolledBack, refused, repeated, conflicts } = progress;
  const { answersLost, disconnected, failures, pauses, longestWaitMs } = progress;
  return {
    ...{ acknowledged, rowsWritten, rolledBack, refused, repeated, conflicts },
    ...{ answersLost, disconnected, failures, traces },
    pauseMs: pauses.findLast(({ endedBy }) => endedBy === 'target')?.ms ?? null,
    pausesInVain: pauses.filter(({ endedBy }) => endedBy === 'source').length,
    longestWaitMs,
    rowsKnown: owner.rows,
    lost: owner.lost,
    extra: owner.extra,
    tables: owner.tables,
    sourceDiffers: source === null ? 0 : source.lost + source.extra,
  };
}
