/** The control table on a DynamoDB, reached through the real SDK. */
import { keyedTable, startTestTable, type TestTable } from 'local-aws/testing';

export const TABLE_NAME = 'sluice-test-control';

export type TestControlTable = TestTable;

export const startControlTable = (): Promise<TestControlTable> => startTestTable(keyedTable(TABLE_NAME));
