/** Single services of the engine, and PostgreSQL servers that tests share. */
export * from '..';
export { readAssembly, type TableResource } from '../assembly';
export { forkDataApi } from '../data-api/fork';
export { startDynamoDb, type DynamoDb } from '../dynamodb';
export { credentialsOf, policiesOf, type Grant } from '../iam';
export { startLambdaHost, type LambdaHostOptions } from '../lambda';
export type { EventClock } from '../lambda/events';
export type { RunAttempt } from '../lambda/host';
export { copyCluster, createLogin, freshDatabase, startTestPostgres, type TestPostgres } from './postgres';
export { closeRunDirectory, openRunDirectory, runDirectory } from './run-directory';
export { startStepFunctions, type HistoryEvent, type Outcome, type StepFunctions } from '../step-functions';
export { CLUSTER, DataApiFixture, SECRET } from './data-api';
export { startDynamoDbFixture, type DynamoDbFixture } from './dynamodb';
export { startLambdaFixture, type LambdaFixture } from './lambda';
export { closeAll, functionError, run, start, type Lambda } from './step-functions';
export { VirtualClock } from './virtual-clock';
export { keyedTable, startTestTable, type TestTable } from './table';
