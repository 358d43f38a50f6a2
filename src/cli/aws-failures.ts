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

/** Says in a user's words what the SDK's error means; errors that it does not know stay as they are. */
export function explain(error: unknown, environment: string): unknown {
  if (!(error instanceof Error)) return error;
  const message = meaningOf(error, environment);
  return message === undefined ? error : new CommandFailed(message, { cause: error });
}

function meaningOf(error: Error, environment: string): string | undefined {
  const { name, message } = error;
  const code = codeOf(error);
  if (name === 'CredentialsProviderError' || /could not load credentials/i.test(message))
    return `no AWS credentials: ${message}. Set AWS_PROFILE, sign in (aws sso login), or export the lines that "npx sluice local" prints.`;
  if (/region is missing/i.test(message))
    return 'no AWS region is configured. Set AWS_REGION, or choose a profile that has one with AWS_PROFILE.';
  if (CREDENTIALS_REFUSED.includes(name))
    return `AWS refuses the credentials (${name}): ${message}. Sign in again, or choose another AWS_PROFILE.`;
  if (name === 'AccessDeniedException' || name === 'AccessDenied')
    return `AWS denies it: ${message}. An operator needs states:ListStateMachines, states:StartExecution, states:DescribeExecution on Sluice's machines, and dynamodb:GetItem and dynamodb:Query on ${controlTableName(environment)}.`;
  if (name === 'ResourceNotFoundException')
    return `there is no control table ${controlTableName(environment)}: stack ${stackName(environment)} is not deployed in this account and region. Deploy it (npx cdk deploy -c env=${environment}), or name another environment with --env, another region with AWS_REGION.`;
  if (code !== undefined && UNREACHABLE.includes(code))
    return `the endpoint cannot be reached (${code}): ${message || 'connection refused'}. Check AWS_REGION and the network; if AWS_ENDPOINT_URL_* point at a rehearsal, check that "npx sluice local" still runs.`;
  return undefined;
}

/** Node reports an attempt on several addresses as an AggregateError of the failures; the SDK may wrap either. */
function codeOf(error: Error & { code?: string; errors?: readonly (Error & { code?: string })[] }) {
  const code = error.code ?? error.errors?.find((single) => single.code !== undefined)?.code;
  return code ?? UNREACHABLE.find((known) => error.message.includes(known));
}
