/** Single services of the engine and fixtures for tests, and a PostgreSQL server for each test file. */
export { readAssembly, type TableResource } from '../assembly';
export { forkDataApi } from '../data-api/fork';
export { startDynamoDb, type DynamoDb } from '../dynamodb';
export { credentialsOf, policiesOf, type AccessReport, type Grant } from '../iam';
export type { EventClock } from '../lambda/events';
export type { RunAttempt } from '../lambda/host';
export { createDatabase, databaseUrl, loginUrl, runSql } from '../postgres';
export { startStepFunctions, type HistoryEvent, type Outcome, type StepFunctions } from '../step-functions';
export { CLUSTER, DataApiFixture, SECRET } from './data-api';
export { startDynamoDbFixture, type DynamoDbFixture } from './dynamodb';
export { startLambdaFixture } from './lambda';
export { createLogin, freshDatabase, startTestPostgres, type TestPostgres } from './postgres';
export { closeRunDirectory, openRunDirectory, runDirectory } from './run-directory';
export {
  closeTestStepFunctions,
  functionError,
  runStateMachine,
  startTestStepFunctions,
  type Lambda,
} from './step-functions';
export { keyedTable, startTestTable, type TestTable } from './table';
export { VirtualClock } from './virtual-clock';
