/** A process that runs an engine with the received options, sends its environment, and waits to be killed. */
import { startEngine, type EngineOptions } from '../../src/engine';

process.once('message', (options) => {
  void startEngine(options as EngineOptions).then(async ({ environment, lambda }) => {
    await lambda.warm('little-handler', 1);
    process.send?.({ environment, pids: lambda.environments().map(({ pid }) => pid) });
  });
});
