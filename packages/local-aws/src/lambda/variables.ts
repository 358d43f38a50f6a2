import { delimiter, dirname } from 'node:path';
import { devNull } from 'node:os';

import type { FunctionResource } from '../assembly';

/** Credentials of the operator. The local services check the access key and not the signature. */
export const LOCAL_CREDENTIALS: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'local',
};

/**
 * Builds the whole environment of a function's processes. Only PATH comes from this process. Names that Lambda
 * defines: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 * @param version the number of a published version, or `$LATEST`
 * @param endpoints the `AWS_ENDPOINT_URL_*` variables
 */
export function environmentVariables(
  resource: FunctionResource,
  version: string,
  region: string,
  endpoints: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...resource.environment,
    ...LOCAL_CREDENTIALS,
    ...endpoints,
    ...ownConfigurationOnly(),
    _HANDLER: resource.handler,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${resource.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(resource.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_NAME: resource.name,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${resource.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_REGION: region,
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
    LAMBDA_TASK_ROOT: resource.codeDirectory,
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    TZ: 'UTC',
  };
}

/** Otherwise, the SDK would read the operator's ~/.aws, and could reach a real account. */
function ownConfigurationOnly(): Record<string, string> {
  return {
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
