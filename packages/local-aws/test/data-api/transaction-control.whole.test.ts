/** Only operations start and end transactions; SQL that would do so does not reach the database. */
import { DataApiFixture, refusal } from '../../src/testing/data-api';

let bench: DataApiFixture;
beforeAll(async () => {
  bench = await DataApiFixture.start();
  await bench.direct('create table kept (id int)');
});
afterAll(() => bench.stop());
beforeEach(() => bench.direct('truncate kept'));

const kept = async (): Promise<unknown[]> =>
  (await bench.direct('select id from kept order by id')).map((row) => row['id']);
const REFUSED =
  /^DatabaseErrorException: ERROR: transaction control statements \(here [A-Z]+\) are not supported, use BeginTransaction, .*; SQLState: 0A000$/;

test.each([
  'begin',
  'BEGIN WORK',
  'begin transaction isolation level serializable, read only',
  'Start Transaction',
  'start transaction read write;',
  'commit',
  'commit work',
  'COMMIT TRANSACTION',
  'commit and chain',
  'commit transaction and no chain',
  'end',
  'END WORK',
  'end transaction and chain',
  'rollback',
  'rollback work',
  'ROLLBACK TRANSACTION',
  'rollback and chain',
  'rollback work and no chain',
  'abort',
  'ABORT WORK AND CHAIN',
  'abort transaction',
  `prepare transaction 'two'`,
  `commit prepared 'two'`,
  `rollback prepared 'two'`,
  '\n\t \f\r commit;',
  '-- done\ncommit',
  '-- done\rcommit',
  '-- done\r\n--\ncommit',
  '/* done */commit',
  '/* done /* nested */ to */ -- \n /**/ CoMmIt/* */and/* */chain',
  'rollback -- to savepoint one\n',
  'rollback /* to one */ work /* to one */;',
  'prepare/**/\ntransaction\n$$two$$',
])('%j is refused outside a transaction, and within one, which it aborts', async (sql) => {
  expect(await refusal(bench.execute(sql))).toMatch(REFUSED);
  expect(await refusal(bench.batch(sql.replace(';', ''), [[]]))).toMatch(REFUSED);
  const transactionId = await bench.begin();
  await bench.execute('insert into kept values (1)', [], { transactionId });
  expect(await refusal(bench.execute(sql, [], { transactionId }))).toMatch(REFUSED);
  expect(await refusal(bench.rollback(transactionId))).toMatch(
    /^TransactionNotFoundException: .*aborted due to an error from a previous call$/,
  );
  expect(await kept()).toEqual([]);
  const open = `select 1 from pg_stat_activity where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid() and state like 'idle in%'`;
  expect(await bench.direct(open)).toEqual([]);
});

test('a transaction may set, release and roll back to savepoints', async () => {
  const transactionId = await bench.begin();
  for (const sql of [
    'savepoint one',
    'insert into kept values (1)',
    'rollback to one',
    'insert into kept values (2)',
    'ROLLBACK WORK TO SAVEPOINT one',
    'insert into kept values (3)',
    '/* back */ rollback/* */Transaction -- far\r to one;',
    'insert into kept values (4)',
    'release savepoint one',
  ])
    await bench.execute(sql, [], { transactionId });
  expect(await bench.commit(transactionId)).toBe('Transaction Committed');
  expect(await kept()).toEqual([4]);
});

test.each(['savepoint one', 'release one', 'rollback to one'])(
  'the database itself refuses %s outside a transaction',
  async (sql) => {
    expect(await refusal(bench.execute(sql))).toMatch(/; SQLState: 25P01$/);
  },
);

test.each([
  '-- commit\nselect 1',
  '/* commit */ select 1',
  'select 1 as commit',
  'do $$ begin perform 1; end $$',
  'do $$ begin insert into kept values (1); commit; end $$',
  'prepare plan as select 1',
])('%j is not transaction control', async (sql) => {
  await bench.execute(sql);
});

test.each(['copy kept from stdin', 'copy kept to stdout', `/* */ COPY kept FROM PROGRAM 'echo 1'`])(
  '%s is refused before it copies anything',
  async (sql) => {
    expect(await refusal(bench.execute(sql))).toBe(
      'DatabaseErrorException: ERROR: COPY is not supported, send the rows as parameters; SQLState: 0A000',
    );
    expect(await kept()).toEqual([]);
  },
);
