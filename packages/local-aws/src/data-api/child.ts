/** Entry point of the process that `forkDataApi` starts. */
import type { Command, Reply } from './fork';
import { startDataApi, type DataApi } from './server';

let api: DataApi | undefined;

async function execute(command: Command): Promise<Reply> {
  switch (command.kind) {
    case 'start':
      api = await startDataApi(command.options);
      return { kind: 'started', url: api.url };
    case 'counters':
      if (api === undefined) throw notStarted(command);
      return { kind: 'counters', counters: await api.counters() };
    case 'access':
      if (api === undefined) throw notStarted(command);
      return { kind: 'access', usage: await api.access() };
    case 'authorizeBy':
      if (api === undefined) throw notStarted(command);
      await api.authorizeBy(command.policies);
      return { kind: 'authorized' };
    case 'close':
      await api?.close();
      return { kind: 'closed' };
  }
}

const notStarted = ({ kind }: Command): Error =>
  new Error(`Command ${kind} failed: the Data API has not been started. Send start first.`);

process.on('message', (command: Command) => {
  execute(command)
    .catch((error: unknown): Reply => ({ kind: 'failed', message: String(error) }))
    // Without a callback, a parent that has exited meanwhile would cause an uncaught error.
    .then((reply) => process.send?.(reply, undefined, undefined, () => undefined))
    .catch(() => undefined);
});

/** The parent disconnected or died, so no caller needs the rest of the work. */
process.on('disconnect', () => process.exit(0));
/** A terminal signals its whole process group; the parent decides when this server stops. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
