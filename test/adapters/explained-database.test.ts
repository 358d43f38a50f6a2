/** A call that the functions' roles may not make says which endpoint they lack, and what to do. */
import { explainedDatabase } from '../../src/adapters/explained-database';
import { refusalText } from '../../src/adapters/postgres/refusal-text';
import { NotExecuted, StatementRefused } from '../../src/adapters/postgres/statement-refused';
import { EndpointDenied, TransientFailure } from '../../src/core/errors';
import { endpoint } from '../support/trial-definition';

/** The Data API's error, as the SDK throws it. */
const denial = Object.assign(
  new Error(
    'User: arn:aws:sts::111122223333:assumed-role/clean is not authorized to perform: rds-data:ExecuteStatement',
  ),
  { name: 'AccessDeniedException', $fault: 'client' },
);

const databaseThat = (fails: Error) =>
  explainedDatabase(
    { query: () => Promise.reject(fails), rehearse: () => Promise.reject(fails) },
    { migration: 'orders', side: 'source', login: 'worker', endpoint: endpoint('source') },
  );

test.each([
  ['a statement', () => databaseThat(denial).query('SELECT 1')],
  ['a rolled-back transaction', () => databaseThat(denial).rehearse(async () => undefined)],
])('%s', async (_, call) => {
  await expect(call()).rejects.toBeInstanceOf(EndpointDenied);
  await expect(call()).rejects.toThrow(
    /may not use database app of arn:\S+:cluster:source or its secrets, with which migration orders started: .*is not authorized.*An endpoint must stay in a definition of its environment until the migrations that use it have ended\. Put it back, deploy, then repeat/,
  );
});

test('every other error is passed on', async () => {
  const failure = new TransientFailure('a lock was not acquired');
  await expect(databaseThat(failure).query('SELECT 1')).rejects.toBe(failure);
});

const SELECT = 'SELECT "id" FROM ONLY "shop"."orders" WHERE "id" = :id';
const refusalOf = async (sql: string, refused: StatementRefused): Promise<string> => {
  await expect(databaseThat(refused).query(sql, { id: 'secret' })).rejects.toBe(refused);
  return refusalText(refused);
};

test.each([
  [
    SELECT,
    '42501',
    /^the source \(login worker, table "shop"\."orders"\) .* SQLSTATE 42501\. .*roles\.sql.*resume$/,
  ],
  [
    'SELECT * FROM sluice.arm(:id)',
    '42883',
    /^the source \(login worker, function sluice\.arm\) .*Name the schema/,
  ],
  ['SELECT 1', 'XX000', /^the source \(login worker\) refused a statement: SQLSTATE XX000\. .*Read its log/],
  [SELECT, '23514', /no partition takes it\. Create the partition/],
  [SELECT, '99999', /SQLSTATE 99999\. Read the log of the database, fix the cause, then resume$/],
])('a refusal of %s with SQLSTATE %s names its place and a remedy', async (sql, sqlState, text) => {
  const shown = await refusalOf(sql, new StatementRefused('row (secret) is refused', sqlState, null));
  expect(shown).toMatch(text);
  expect(shown).not.toContain('secret');
});

test('a refusal names its constraint', async () => {
  expect(await refusalOf(SELECT, new StatementRefused('x', '23514', 'positive'))).toContain(
    'SQLSTATE 23514, constraint positive. ',
  );
});

test('a refusal in a transaction names its place', async () => {
  const refused = new StatementRefused('x', '42501', null);
  const database = explainedDatabase(
    {
      query: () => Promise.reject(refused),
      rehearse: (work) => work({ query: () => Promise.reject(refused) }),
    },
    { migration: 'orders', side: 'target', login: 'owner', endpoint: endpoint('target') },
  );
  await expect(database.rehearse(({ query }) => query('SELECT sluice.arm(1)'))).rejects.toBe(refused);
  expect(refused.where).toBe('target (login owner, function sluice.arm)');
});

test('a transient error of the server names its place', async () => {
  const failure = new NotExecuted('the database reported SQLSTATE 53200', '53200');
  await expect(databaseThat(failure).query(SELECT)).rejects.toMatchObject({
    ...{ name: 'TransientFailure', code: '53200' },
    message: 'source (login worker, table "shop"."orders"): the database reported SQLSTATE 53200',
  });
});
