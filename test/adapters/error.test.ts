/** Errors of the service are mapped to those that the protocols distinguish: refused, transient, or of unknown outcome. */
import { NotExecuted, OutcomeUnknown, StatementRefused } from '../../src/adapters/postgres/statement-refused';
import { translateError } from '../../src/adapters/rds-data/translate-error';
import { refusalOf } from '../../src/adapters/postgres/refusal';
import { TransientFailure } from '../../src/core/errors';

const named = (name: string, message = 'something', more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });
const refused = (message: string) => translateError(named('DatabaseErrorException', message));

test.each([
  [
    'ERROR: duplicate key value violates unique constraint "one_v"\n  Detail: Key (v)=(x) already exists.; SQLState: 23505',
    '23505',
    'one_v',
  ],
  ['ERROR: new row for relation "t" violates check constraint "no x"; SQLState: 23514', '23514', 'no x'],
  ['ERROR: division by zero; SQLState: 22012', '22012', null],
  [
    'ERROR: null value in column "v" violates not-null constraint\n  Detail: Failing row contains (1, null, violates check constraint "secret").; SQLState: 23502',
    '23502',
    null,
  ],
  [
    'ERROR: invalid input syntax for type integer: "violates check constraint "secret"; SQLState: 40001"; SQLState: 22P02',
    '22P02',
    null,
  ],
])('a refused statement keeps its code and constraint: %s', (message, sqlState, constraint) => {
  expect(refused(message)).toBeInstanceOf(StatementRefused);
  expect(refused(message)).toMatchObject({ sqlState, constraint });
});

test('in a transaction, the error of a request that arrived twice is transient', () => {
  expect(refused('Transaction is still running a query')).toBeInstanceOf(TransientFailure);
  expect(translateError(named('TransactionNotFoundException'))).toBeInstanceOf(TransientFailure);
});

test.each(['40001', '40P01', '53300', '55P03', '57014', '57P01', '08006', '25P03'])(
  'SQLSTATE %s is transient',
  (state) => {
    const error = refused(`ERROR: row (secret) is locked; SQLState: ${state}`);
    expect(error).toBeInstanceOf(TransientFailure);
    expect(error).not.toBeInstanceOf(OutcomeUnknown);
    expect(error.message).not.toContain('secret');
  },
);

test.each([
  'DatabaseResumingException',
  'ThrottlingException',
  'TooManyRequestsException',
  // The service could not read the secret in time.
  'SecretsErrorException',
  // The cluster is being changed, started or stopped.
  'InvalidResourceStateException',
])('after %s the statement did not run', (name) => {
  const error = translateError(named(name));
  expect(error).toBeInstanceOf(NotExecuted);
  expect(error).toMatchObject({ name: 'TransientFailure', code: name, message: `${name}: something` });
});

test.each([
  ['a demoted writer', 'ERROR: cannot execute INSERT in a read-only transaction; SQLState: 25006', '25006'],
  ['one in another language', 'FEHLER: kann INSERT nicht ausführen; SQLState: 25006', '25006'],
  ['a changed table', 'ERROR: cached plan must not change result type; SQLState: 0A000', '0A000'],
  ['a rotated password', 'FATAL: password authentication failed for user "w"; SQLState: 28P01', '28P01'],
])('an error of %s is transient', (_what, message, code) => {
  expect(refused(message)).toBeInstanceOf(NotExecuted);
  expect(refused(message)).toMatchObject({ name: 'TransientFailure', code });
});

test.each([
  [
    "a guard's refusal",
    'ERROR: writes to shop.orders are refused: migration orders guards it as its source\n  Hint: Follow the route of the migration, or wait for the cutover.; SQLState: 25006',
    '25006',
  ],
  ['an unsupported feature', 'ERROR: cannot alter type of a column used by a view; SQLState: 0A000', '0A000'],
  [
    'an unsupported feature that quotes a row',
    'ERROR: not implemented: cached plan must not change result type; SQLState: 0A000',
    '0A000',
  ],
])('%s is not transient', (_what, message, sqlState) => {
  expect(refused(message)).toBeInstanceOf(StatementRefused);
  expect(refused(message)).toMatchObject({ sqlState });
});

test('a login that fails keeps the message of the server; a statement that raises its SQLSTATE does not', () => {
  const login = 'password authentication failed for user "w"';
  expect(refused(`FATAL: ${login}; SQLState: 28P01`).message).toContain(login);
  expect(refused('ERROR: secret; SQLState: 28P01').message).not.toContain('secret');
});

test('after an error without an SQLSTATE the outcome is unknown, and its message stays in the process', () => {
  expect(refused('something secret')).toBeInstanceOf(OutcomeUnknown);
  expect(refused('something secret').message).not.toContain('secret');
  expect(refusalOf(refused('something secret'))).toBeNull();
});

test.each<[string, unknown]>([
  ['a statement that timed out', named('StatementTimeoutException')],
  ['an error of the service', named('InternalServerErrorException')],
  ['an unavailable service', named('ServiceUnavailableError')],
  ['no response in time', named('TimeoutError')],
  ['a broken connection', named('Error', 'socket hang up', { code: 'ECONNRESET' })],
  ['a response of the load balancer', named('Error', 'no response', { $metadata: { httpStatusCode: 502 } })],
  ['a value that is not an error', 'nothing'],
])('after %s its outcome is unknown', (_what, error) => {
  expect(translateError(error)).toBeInstanceOf(OutcomeUnknown);
});

test.each(['AccessDeniedException', 'BadRequestException', 'TypeError'])(
  '%s is returned unchanged',
  (name) => {
    const error = named(name);
    expect(translateError(error)).toBe(error);
  },
);

describe('the row is refused', () => {
  test.each([
    ['22001', 'invalid value'],
    ['22003', 'invalid value'],
    ['22P02', 'invalid value'],
    ['23502', 'other'],
    ['23505', 'duplicate'],
    ['23P01', 'exclusion'],
    ['23514', 'other'],
    ['21000', 'other'],
    ['54000', 'other'],
    ['P0001', 'other'],
  ])('for SQLSTATE %s, as kind %s', (sqlState, kind) => {
    expect(refusalOf(new StatementRefused('x', sqlState, 'c'))).toEqual({ kind, sqlState, constraint: 'c' });
  });

  test.each(['42501', '42P01', '42703', '25006', 'SL004', '28000', '3F000'])(
    'not for SQLSTATE %s',
    (sqlState) => {
      expect(refusalOf(new StatementRefused('x', sqlState, null))).toBeNull();
    },
  );

  test('not without an SQLSTATE', () => {
    expect(refusalOf(new StatementRefused('x', null, null))).toBeNull();
  });

  test('not for anything else', () => {
    expect(refusalOf(new TransientFailure('x'))).toBeNull();
    expect(refusalOf('x')).toBeNull();
  });

  test('without the message, which may quote the row', () => {
    expect(JSON.stringify(refusalOf(new StatementRefused('Key (v)=(secret)', '23505', 'c')))).not.toContain(
      'secret',
    );
  });
});
