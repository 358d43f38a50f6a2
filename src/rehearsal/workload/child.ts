/** Entry of the process that `forkWorkload` starts. */
import { createRequire } from 'node:module';
import type { ChildResponse, ForkOptions, ChildRequest } from './fork';
import { LiveWorkload } from './live-workload';
import { createRouteReader } from './route';
import type { Workload } from './workload';

let live: LiveWorkload | undefined;

function open({ file, migration, controlTable, environment, pace = 1, ...options }: ForkOptions) {
  const { default: workload } = createRequire(__filename)(file) as { readonly default?: Workload };
  if (workload === undefined)
    throw new Error(
      `${file} has no default export; export the workload (see src/rehearsal/workload/workload.ts)`,
    );
  const pauseMs = (workload.pauseMs ?? LiveWorkload.PAUSE_MS) * pace;
  return LiveWorkload.open({
    ...options,
    workload: { ...workload, pauseMs },
    readRoute: createRouteReader(migration, controlTable, environment),
  });
}

async function handle(request: ChildRequest): Promise<ChildResponse> {
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

process.on('message', (request: ChildRequest) => {
  handle(request)
    .catch((error: unknown): ChildResponse => ({ kind: 'failed', message: String(error) }))
    // With a callback: without one, a parent that has exited meanwhile causes an uncaught error.
    .then((reply) => process.send?.(reply, undefined, undefined, () => undefined))
    .catch(() => undefined);
});

/** The parent disconnected or died. The journal has every intent to commit; the next process reads the outcomes. */
process.on('disconnect', () => process.exit(0));
/** A terminal signals the whole process group; ignore the signal, because the parent decides when its writers stop. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
