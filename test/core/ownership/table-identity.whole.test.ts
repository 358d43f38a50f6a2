/** The control plane is known by its table, which DynamoDB describes with a delay. */
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ControlTable } from '../../../src/adapters/dynamodb/control-table';
import { TransientFailure } from '../../../src/core/errors';
import { TABLE_NAME } from '../../support/control-table';
import { overriding, startLab, type Lab, type Setup } from '../../support/world';
import { bothOpen } from './planes';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const SETUP: Setup = {
  tables: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
  seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 250) AS n; ANALYZE`,
  definition: { fence: { minutes: 10 } },
};

/** DescribeTable describes the table that was deleted before this one was restored under its name. */
const misled = (client: DynamoDBDocumentClient): DynamoDBDocumentClient =>
  overriding(client, {
    send: ((command: unknown) =>
      command instanceof DescribeTableCommand
        ? Promise.resolve({ Table: { TableId: 'of-an-earlier-table', CreationDateTime: new Date(0) } })
        : client.send(command as never)) as never,
  });

test('a late description of an earlier table does not end a running migration', async () => {
  const trial = await lab.trial(SETUP);
  await trial.begin();
  await trial.walk('seal');
  const before = await trial.control.owner();
  await expect(new ControlTable(misled(lab.dynamodb), TABLE_NAME).owner()).rejects.toThrow(TransientFailure);
  const now = await new ControlTable(lab.dynamodb, TABLE_NAME).owner();
  const moved = await trial.walk('open').then(
    () => 'moved',
    (error: unknown) => String(error),
  );
  // Functions read the id once per invocation.
  const fresh = { ...trial.world(), control: new ControlTable(lab.dynamodb, TABLE_NAME) };
  const resumed = await trial.walk('open', fresh).then(
    () => 'moved',
    (error: unknown) => String(error),
  );
  expect({ same: now === before, moved, resumed, open: await bothOpen(trial) }).toEqual({
    same: true,
    moved: 'moved',
    resumed: 'moved',
    open: [false, true],
  });
});
