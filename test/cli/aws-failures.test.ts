import { explainAwsError } from '../../src/cli/aws-failures';

const failure = (name: string): Error => Object.assign(new Error('it says no'), { name });
const messageOf = (name: string, variables: Record<string, string>): string =>
  String((explainAwsError(failure(name), 'dev', variables) as Error).message);

const HERE = { AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:4711', AWS_PROFILE: 'production' };

test.each(['UnrecognizedClientException', 'CredentialsProviderError'])(
  'names a profile that conflicts with the local engine: %s',
  (name) => {
    expect(messageOf(name, HERE)).toBe(
      `the SDK uses the credentials of AWS_PROFILE production, but AWS_ENDPOINT_URL_SFN points to this machine (http://127.0.0.1:4711), which accepts only the keys that "npx sluice local" prints. Unset AWS_PROFILE. To reach AWS instead, unset every AWS_ENDPOINT_URL*. (${name}: it says no)`,
    );
  },
);

test.each([
  ['no profile', { ...HERE, AWS_PROFILE: '' }],
  ['another machine', { ...HERE, AWS_ENDPOINT_URL_SFN: 'https://states.example.com' }],
  ['no URL', { ...HERE, AWS_ENDPOINT_URL_SFN: 'nonsense' }],
  ['no endpoint', { AWS_PROFILE: 'production' }],
])('reports rejected credentials otherwise: %s', (_why, variables) => {
  expect(messageOf('UnrecognizedClientException', variables)).toMatch(
    /^AWS rejected the credentials .*Sign in again/,
  );
});

test('does not mention the profile for other errors', () => {
  expect(messageOf('AccessDeniedException', HERE)).toMatch(/^AWS denied access/);
});
