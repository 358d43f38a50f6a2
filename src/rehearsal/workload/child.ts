/** Entry of the process that `forkWorkload` starts. */
import { createRequire } from 'node:module';
import type { WorkloadResponse, ForkOptions, WorkloadRequest } from './fork';
import { LiveWorkload } from './live-workload';
import { routeOf } from './route';
import type { Workload } from './workload';

let live: LiveWorkload | undefined;

function open({ file, migration, controlTable, environment, pace = 1, ...options }: ForkOptions) {
  const { default: workload } = createRequire(__filename)(file) as { readonly default?: Workload };
  if (workload === undefined)
    throw new Error(`${file} has no default export; export the workload, as src/rehearsal/workload says`);
  const pauseMs = (workload.pauseMs ?? LiveWorkload.PAUSE_MS) * pace;
  return LiveWorkload.open({
    ...options,
    workload: { ...workload, pauseMs },
    askRoute: routeOf(migration, controlTable, environment),
  });
}

async function respond(request: WorkloadRequest): Promise<WorkloadResponse> {
  if (request.kind === 'open') {
    live = await open(request.options);
    return { kind: 'done' };
  }
  if (live === undefined) throw new Error('the workload is not open');
  switch (request.kind) {
    case 'start':
      live.start();
      return { kind: 'done' };
    case 'stop':
      await live.stop();
      return { kind: 'done' };
    case 'progress':
      return { kind: 'progress', progress: live.progress() };
    case 'compare':
      return { kind: 'comparison', comparison: await live.compare(request.owner) };
  }
}

process.on('message', (request: WorkloadRequest) => {
  respond(request)
    .catch((error: unknown): WorkloadResponse => ({ kind: 'failed', message: String(error) }))
    // With a callback, for otherwise a parent that is gone meanwhile is an uncaught error.
    .then((reply) => process.send?.(reply, undefined, undefined, () => undefined))
    .catch(() => undefined);
});

/** The parent disconnected or died. Committed writes are in the journal, and the next process settles the others. */
process.on('disconnect', () => process.exit(0));
/** A terminal's signal reaches the whole process group; the parent decides when its writers stop. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
