/** Whatever a function throws, its report fits into the state of an execution, and says where the rest can be read. */
import type { Context } from 'aws-lambda';
import type * as handlers from '../../lambdas/handler';
import { StatementRefused } from '../../src/adapters/postgres/statement-refused';
import { ERRORS } from '../../src/contract/errors';
import * as errors from '../../src/core/errors';

const CONTEXT = { getRemainingTimeInMillis: () => 1_000 } as Context;
const RUN = { migration: 'orders', generation: 3, execution: 'arn:of:the:execution', direction: 'forward' };
/** Half of the characters that Step Functions takes as a cause. */
const CAUSE_BYTES_MAX = 16_384;

jest.mock('../../src/adapters/open-world', () => ({ openWorld: async () => ({}) }));

let { handler } = {} as typeof handlers;

beforeAll(async () => {
  Object.assign(process.env, {
    ...{ SLUICE_ENVIRONMENT: 'dev', SLUICE_CONTROL_TABLE: 'sluice-dev-control', LAMBDA_TASK_ROOT: '.' },
    // Read when the module is loaded.
    ...{ POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
  });
  ({ handler } = await import('../../lambdas/handler'));
  jest.spyOn(console, 'warn').mockReturnValue();
});

const LONG = '"größe" 🐘\n\u0000'.repeat(30_000);
const entries = Array.from({ length: 720 }, (_, index) => `problem ${index} ${'x'.repeat(200)}`);
const problems = entries.map((found) => ({ check: 'c', subject: 's', found, remedy: 'Fix it.' }));

/** Every class that a function may throw, with the longest message. */
const CLASSES: readonly [string, Error][] = [
  ...Object.entries(errors).flatMap(([name, value]): [string, Error][] => {
    const isThrown = typeof value === 'function' && value.prototype instanceof errors.SluiceError;
    if (!isThrown || name === 'ListedError') return [];
    if (name === 'PreflightFailed') return [[name, new errors.PreflightFailed('orders', problems)]];
    const Listed = value as unknown as new (message: string, list: unknown) => Error;
    return [[name, new Listed(LONG, entries)]];
  }),
  ['StatementRefused', new StatementRefused(LONG, '23505', LONG)],
  ['Error', new Error(LONG)],
  ['a long name', Object.assign(new Error('short'), { name: LONG })],
  [
    'a long stack',
    Object.assign(new Error('short'), { stack: `Error: short\n${'    at x\n'.repeat(50_000)}` }),
  ],
];

const thrownBy = async (error: unknown): Promise<Error> => {
  const preflight = handler('preflight', () => Promise.reject(error as Error));
  return preflight(RUN, CONTEXT).then(
    () => Promise.reject(new Error('nothing was thrown')),
    (thrown: Error) => thrown,
  );
};

/** The cause, as the runtime of Lambda writes it. */
const causeOf = ({ name, message, stack = '' }: Error): string =>
  JSON.stringify({ errorType: name, errorMessage: message, trace: stack.split('\n') });

test('every name of the contract is among the errors', () => {
  const names = new Set(CLASSES.map(([, { name }]) => name));
  expect(Object.values(ERRORS).filter((name) => !names.has(name))).toEqual([]);
});

test.each(CLASSES)('%s fits', async (_name, error) => {
  const thrown = await thrownBy(error);
  expect(Buffer.byteLength(causeOf(thrown))).toBeLessThan(CAUSE_BYTES_MAX);
  if (error.name !== LONG) expect(thrown.name).toBe(error.name);
});

test('a list keeps its first entries, and says how many more there are and where', async () => {
  const { message } = await thrownBy(new errors.PreflightFailed('orders', problems));
  const shown = message.match(/^- s: problem/gm)!.length;
  expect(message).toMatch(
    /^preflight refuses migration orders for 720 problem\(s\); nothing was changed:\n- s: /,
  );
  expect(shown).toBeGreaterThan(10);
  expect(message).toMatch(new RegExp(`\n- and ${720 - shown} more: .* has all of them$`));
});

test('a text keeps its start, and its end with the remedy', async () => {
  const { message } = await thrownBy(
    new errors.VerificationFailed(`unequal: ${LONG}. Abort, and start again`),
  );
  expect(message).toMatch(
    /^unequal: .*bytes or more are left out.*Abort, and start again.* has the whole text$/s,
  );
  expect(() => encodeURIComponent(message)).not.toThrow();
});

test('a short error leaves unchanged', async () => {
  const error = new errors.CopyFailed('no progress');
  expect(await thrownBy(error)).toBe(error);
});
