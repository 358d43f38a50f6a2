/** A call that the functions' roles may not make says which endpoint they lack, and what to do. */
import { explainedDatabase } from '../../src/adapters/explained-database';
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
    'orders',
    endpoint('source'),
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
