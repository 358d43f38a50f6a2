/** A process that starts an environment, says its pid, and waits to be killed. */
import { startFixture } from './fixture';

void startFixture({ echo: {} }).then(async ({ host }) => {
  await host.warm('echo', 1);
  process.send?.(host.environments()[0]?.pid);
  setInterval(() => undefined, 1000);
});
