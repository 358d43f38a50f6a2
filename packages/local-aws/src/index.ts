/** Runs a synthesized cloud assembly on this machine. Single services, for tests, are in `local-aws/testing`. */
export { startEngine, type Engine, type EngineOptions } from './engine';
export type { FaultHooks } from './fault-hooks';
export { modelCost, type ModelledCost } from './counters';
export { describeDenial, type AccessReport, type MissingGrant } from './iam';
export { InvocationError, LOCAL_CREDENTIALS, type StartedInvocation } from './lambda';
export {
  createDatabase,
  databaseUrl,
  freePort,
  loginUrl,
  runSql,
  startPostgres,
  type PostgresServer,
} from './postgres';
export { stopImmediately, stopLeftover } from './postgres/postmaster';
