import { readEnvironment } from '../../lib/environment';
import { appFor } from './support';

const read = (environment: string | undefined, environments?: object) =>
  readEnvironment(appFor(environment, environments ? { environments } : {}).node);

test('an environment is read as cdk.json describes it', () => {
  expect(read('prod')).toEqual({
    name: 'prod',
    account: '444455556666',
    region: 'eu-west-1',
    logRetention: 365,
  });
});

test('without an environment the known ones are listed', () => {
  expect(() => read(undefined)).toThrow('pass -c env=<name>. cdk.json knows: dev, staging, prod.');
});

test.each(['production', 'toString', ''])(
  '%p, which cdk.json does not know, is refused with those it knows',
  (name) => {
    expect(() => read(name)).toThrow(
      `Environment ${JSON.stringify(name)} is not in cdk.json, which knows: dev, staging, prod.`,
    );
  },
);

test('every problem of an environment is told at once', () => {
  const wrong = { account: 111122223333, region: 'Ireland', logRetentionDays: 31, vpc: 'x' };
  const told = () => read('Dev', { Dev: wrong });
  expect(told).toThrow(/its name must be/);
  expect(told).toThrow(/account is 111122223333; give the 12 digits as a string/);
  expect(told).toThrow(/region is "Ireland"/);
  expect(told).toThrow(/logRetentionDays is 31; CloudWatch Logs takes 1, 3, 5/);
  expect(told).toThrow(/unknown field "vpc"; known are account, region, logRetentionDays/);
});
