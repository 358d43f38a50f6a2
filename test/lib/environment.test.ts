import { readEnvironment } from '../../lib/environment';
import { appFor } from './support';

const read = (environment: string | undefined, environments?: object) =>
  readEnvironment(appFor(environment, environments ? { environments } : {}).node);

test('an environment is read from cdk.json', () => {
  expect(read('prod')).toEqual({
    name: 'prod',
    account: '444455556666',
    region: 'eu-west-1',
    logRetention: 365,
  });
});

test('without a selected environment, the error lists those in cdk.json', () => {
  expect(() => read(undefined)).toThrow('Pass -c env=<name>; cdk.json has: dev, staging, prod.');
});

test.each(['production', 'toString', ''])(
  '%p is missing from cdk.json and is refused with a list of those present',
  (name) => {
    expect(() => read(name)).toThrow(
      `Environment ${JSON.stringify(name)} is not in cdk.json, which has: dev, staging, prod.`,
    );
  },
);

test('every problem of an environment is reported at once', () => {
  const wrong = { account: 111122223333, region: 'Ireland', logRetentionDays: 31, vpc: 'x' };
  const readWrong = () => read('Dev', { Dev: wrong });
  expect(readWrong).toThrow(/its name must have/);
  expect(readWrong).toThrow(/account is 111122223333; give the 12 digits as a string/);
  expect(readWrong).toThrow(/region is "Ireland"/);
  expect(readWrong).toThrow(/logRetentionDays is 31; CloudWatch Logs takes 1, 3, 5/);
  expect(readWrong).toThrow(/unknown field "vpc"; known are account, region, logRetentionDays/);
});
