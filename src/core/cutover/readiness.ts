import type { Stage } from '../../contract/lifecycle';
import { underAuthority } from '../authority';
import { boundedList } from '../bounded-text';
import { ownedRecord } from '../execution/run-stage';
import type { MigrationRecord } from '../ledger';
import type { StageContext } from '../world';

/** Transactions that are only a little longer than a lock attempt end meanwhile. */
const PATIENCE_MS = 5_000;
const POLL_MS = 500;

/** Polls both ends until nothing would keep a fence waiting, or an end closed after it, or until time is up. */
export async function findObstacles(
  context: StageContext,
  record: MigrationRecord,
): Promise<readonly string[]> {
  const { clock } = context;
  const patienceEndsMs = clock.now() + PATIENCE_MS;
  for (;;) {
    const obstacles = await obstaclesOf(context, record);
    if (obstacles.length === 0 || clock.now() >= patienceEndsMs) return obstacles;
    await clock.sleep(POLL_MS);
  }
}

async function obstaclesOf(context: StageContext, record: MigrationRecord): Promise<readonly string[]> {
  const { from, to } = context.flow;
  let seen: MigrationRecord | null = record;
  const read = async () => {
    const current = seen ?? (await ownedRecord(context));
    seen = null;
    return current;
  };
  const found = await underAuthority(context, read, (authority) =>
    Promise.all(
      [from, to].map(async ({ guard, side }) =>
        (await guard.fenceObstacles(authority)).map((obstacle) => `${side}: ${obstacle}`),
      ),
    ),
  );
  return found.flat();
}

/**
 * Records that the ends are ready, or why not, and journals each change of the reasons.
 * @param stage the last stage that still counts as finished if they are not ready @default the record's
 * @returns how long they have not been ready, in milliseconds; 0 if they are
 */
export async function recordObstacles(
  { control, clock, run }: StageContext,
  record: MigrationRecord,
  found: readonly string[],
  stage: Stage | null = record.stage,
): Promise<{ readonly waitedMs: number; readonly checks: number }> {
  const before = record.notReady ?? null;
  const obstacles = boundedList(found);
  const isReady = obstacles.length === 0;
  const since = before?.since ?? new Date(clock.now()).toISOString();
  const checks = isReady ? 0 : (before?.checks ?? 0) + 1;
  const waitedMs = isReady ? 0 : clock.now() - Date.parse(since);
  if (isReady && before === null) return { waitedMs, checks };
  const changes = isReady ? { notReady: null } : { notReady: { since, checks, obstacles }, stage };
  const isChanged = JSON.stringify(before?.obstacles ?? []) !== JSON.stringify(obstacles);
  if ((await control.changeUnchanged(record, changes)) && isChanged)
    await control.journal.append(
      run.migration,
      run.generation,
      isReady ? 'ready to be fenced' : 'not ready to be fenced',
      { since, obstacles },
    );
  return { waitedMs, checks };
}

/** Formats the reasons for an error. */
export const obstaclesText = (migration: string, obstacles: readonly string[]): string =>
  `migration ${migration} is not ready to be fenced, for ${obstacles.length} reason(s), and nothing was fenced:${obstacles.map((obstacle) => `\n- ${obstacle}`).join('')}`;
