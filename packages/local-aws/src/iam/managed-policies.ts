/** AWS managed policies, which templates name by ARN. Any other managed policy is refused. */

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/**
 * Actions by the part of the ARN after `policy/`. Each is allowed on every resource.
 * Source: AWS managed policy reference, pages of the same names.
 */
export const MANAGED_POLICIES: Readonly<Record<string, readonly string[]>> = {
  'service-role/AWSLambdaBasicExecutionRole': LOGS,
  AWSXRayDaemonWriteAccess: [
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:GetSamplingStatisticSummaries',
  ],
};
