/** A process that starts an environment, sends its pid and state directory, and waits to be killed. */
import { startLambdaFixture } from '../../src/testing/lambda';

void startLambdaFixture({ echo: {} }).then(async ({ host, stateDirectory }) => {
  await host.warm('echo', 1);
  process.send?.({ pid: host.environments()[0]?.pid, stateDirectory });
  setInterval(() => undefined, 1000);
});
