/** A process that starts a server, reports its pid and URL, and waits to be killed. */
import { startPostgres } from '../../src/postgres';

const directory = process.argv[2] ?? '';
void startPostgres({ directory }).then(({ pid, superuserUrl }) => {
  process.send?.({ pid, superuserUrl });
  setInterval(() => undefined, 1000);
});
