/** Entry of the process that `forkDataApi` starts. */
import type { Command, Reply } from './fork';
import { startDataApi, type DataApi } from './server';

let api: DataApi | undefined;

async function obey(command: Command): Promise<Reply> {
  switch (command.kind) {
    case 'start':
      api = await startDataApi(command.options);
      return { kind: 'started', url: api.url };
    case 'counters':
      if (api === undefined) throw new Error('The Data API has not been started');
      return { kind: 'counters', counters: await api.counters() };
    case 'access':
      if (api === undefined) throw new Error('The Data API has not been started');
      return { kind: 'access', usage: await api.access() };
    case 'close':
      await api?.close();
      return { kind: 'closed' };
  }
}

process.on('message', (command: Command) => {
  obey(command)
    .catch((error: unknown): Reply => ({ kind: 'failed', message: String(error) }))
    // With a callback, for otherwise a parent that is gone meanwhile is an uncaught error.
    .then((reply) => process.send?.(reply, undefined, undefined, () => undefined))
    .catch(() => undefined);
});

/** The parent let go or died; nothing is worth finishing. */
process.on('disconnect', () => process.exit(0));
/** What ends a terminal's command reaches the whole group; the parent decides when its server stops. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
