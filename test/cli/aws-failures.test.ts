import { explain } from '../../src/cli/aws-failures';

const failure = (name: string): Error => Object.assign(new Error('it says no'), { name });
const told = (name: string, variables: Record<string, string>): string =>
  String((explain(failure(name), 'dev', variables) as Error).message);

const HERE = { AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:4711', AWS_PROFILE: 'production' };

test.each(['UnrecognizedClientException', 'CredentialsProviderError'])(
  'a profile in the way of the local engine is named: %s',
  (name) => {
    expect(told(name, HERE)).toBe(
      `the credentials are those of AWS_PROFILE production, but AWS_ENDPOINT_URL_SFN points to this machine (http://127.0.0.1:4711), where only the keys count that "npx sluice local" prints: unset AWS_PROFILE. To reach AWS instead, unset every AWS_ENDPOINT_URL*. (${name}: it says no)`,
    );
  },
);

test.each([
  ['no profile', { ...HERE, AWS_PROFILE: '' }],
  ['another machine', { ...HERE, AWS_ENDPOINT_URL_SFN: 'https://states.example.com' }],
  ['no URL', { ...HERE, AWS_ENDPOINT_URL_SFN: 'nonsense' }],
  ['no endpoint', { AWS_PROFILE: 'production' }],
])('otherwise AWS refuses the credentials: %s', (_why, variables) => {
  expect(told('UnrecognizedClientException', variables)).toMatch(
    /^AWS refuses the credentials .*Sign in again/,
  );
});

test('what is not about credentials has nothing to do with the profile', () => {
  expect(told('AccessDeniedException', HERE)).toMatch(/^AWS denies it/);
});
