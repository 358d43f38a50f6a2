/** Entry of the process that `forkTpcb` starts. */
import { runTpcb, type TpcbOptions } from './client';

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.on('message', (options: TpcbOptions) => {
  runTpcb(options)
    .then((run) => ({ run }))
    .catch((error: unknown) => ({ failure: String(error) }))
    .then((reply) => process.send?.(reply))
    .catch(() => undefined);
});
