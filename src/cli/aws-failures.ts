import { controlTableName, stackName } from '../contract/names';
import { CommandFailed } from './failures';

const UNREACHABLE = ['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT', 'EAI_AGAIN'];
const CREDENTIALS_REFUSED = [
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'ExpiredTokenException',
  'ExpiredToken',
  'IncompleteSignature',
  'MissingAuthenticationToken',
];

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Replaces a known SDK error with a message that names the remedy; returns other errors unchanged.
 * @param variables the variables that configured the SDK
 */
export function explainAwsError(
  error: unknown,
  environment: string,
  variables: Variables = process.env,
): unknown {
  if (!(error instanceof Error)) return error;
  const message = messageFor(error, environment, variables);
  return message === undefined ? error : new CommandFailed(message, { cause: error });
}

function messageFor(error: Error, environment: string, variables: Variables): string | undefined {
  const { name, message } = error;
  const code = codeOf(error);
  const isAboutCredentials = name === 'CredentialsProviderError' || CREDENTIALS_REFUSED.includes(name);
  const conflict = isAboutCredentials ? profileConflictIn(variables) : undefined;
  if (conflict !== undefined) return `${conflict} (${name}: ${message})`;
  if (name === 'CredentialsProviderError' || /could not load credentials/i.test(message))
    return `no AWS credentials: ${message}. Set AWS_PROFILE, sign in (aws sso login), or export the lines that "npx sluice local" prints.`;
  if (/region is missing/i.test(message))
    return 'no AWS region is configured. Set AWS_REGION, or choose a profile that has one with AWS_PROFILE.';
  if (CREDENTIALS_REFUSED.includes(name))
    return `AWS rejected the credentials (${name}): ${message}. Sign in again, or choose another AWS_PROFILE.`;
  if (name === 'AccessDeniedException' || name === 'AccessDenied')
    return `AWS denied access: ${message}. An operator needs states:ListStateMachines, states:ListStateMachineVersions, states:DescribeStateMachine, states:StartExecution, states:DescribeExecution on Sluice's machines, and dynamodb:GetItem and dynamodb:Query on ${controlTableName(environment)}; docs/guide/access.md lists what other commands need.`;
  if (name === 'ResourceNotFoundException')
    return `there is no control table ${controlTableName(environment)}: stack ${stackName(environment)} is not deployed in this account and region. Deploy it (npx cdk deploy -c env=${environment}), or choose another environment with --env or another region with AWS_REGION.`;
  if (code !== undefined && UNREACHABLE.includes(code))
    return `the endpoint cannot be reached (${code}): ${message || 'connection refused'}. Check AWS_REGION and the network; if AWS_ENDPOINT_URL_* point at a rehearsal, check that "npx sluice local" is still running.`;
  return undefined;
}

/** The SDK prefers a profile's credentials to exported keys, and the local engine does not know them. */
function profileConflictIn(variables: Variables): string | undefined {
  const profile = variables['AWS_PROFILE'];
  const [name, url] =
    Object.entries(variables).find(([name, value]) => /^AWS_ENDPOINT_URL/.test(name) && isLoopback(value)) ??
    [];
  if (!profile || name === undefined) return undefined;
  return `the SDK uses the credentials of AWS_PROFILE ${profile}, but ${name} points to this machine (${url}), which accepts only the keys that "npx sluice local" prints. Unset AWS_PROFILE. To reach AWS instead, unset every AWS_ENDPOINT_URL*.`;
}

function isLoopback(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}

/** Node reports failed connections to several addresses as one AggregateError; the SDK may wrap either kind. */
function codeOf(error: Error & { code?: string; errors?: readonly (Error & { code?: string })[] }) {
  const code = error.code ?? error.errors?.find((single) => single.code !== undefined)?.code;
  return code ?? UNREACHABLE.find((known) => error.message.includes(known));
}
