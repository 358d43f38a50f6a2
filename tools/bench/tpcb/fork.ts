import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TpcbOptions, TpcbRun } from './client';

export interface Tpcb {
  run(options: TpcbOptions): Promise<TpcbRun>;
  close(): Promise<void>;
}

/** Runs the clients in a separate process, as pgbench would. */
export function forkTpcb(): Tpcb {
  const child = fork(join(__dirname, 'child.ts'), {
    cwd: join(__dirname, '../../..'),
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  return {
    run: async (options) => {
      child.send(options);
      const [reply] = (await Promise.race([
        once(child, 'message'),
        exited.then(() => [{ failure: 'its process ended' }]),
      ])) as [{ run?: TpcbRun; failure?: string }];
      if (reply.run === undefined) throw new Error(`TPC-B failed: ${reply.failure}`);
      return reply.run;
    },
    close: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
