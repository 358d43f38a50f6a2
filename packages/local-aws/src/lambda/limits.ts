/** Checks the limits that Lambda enforces when a function is created, for all functions at once. */
import type { FunctionResource } from '../assembly';
import { reservedBy, UNRESERVED_MIN } from './concurrency';

/** Limit of the names and values of all variables of a function. */
const ENVIRONMENT_BYTES_MAX = 4 * 1024;
const TIMEOUT_SECONDS_MAX = 900;
const MEMORY_MEGABYTES = { min: 128, max: 10_240 };
/** Set by Lambda itself: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const RESERVED_NAMES = [
  ...['_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV'],
  ...['AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION'],
  ...['AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME'],
  ...['AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
  ...['AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
];

/** @throws Error with every function that could not be deployed, its value and the limit */
export function requireDeployable(functions: readonly FunctionResource[], accountConcurrency: number): void {
  const problems = functions.flatMap((resource) =>
    problemsOf(resource).map((problem) => `${resource.name}: ${problem}`),
  );
  const reserved = reservedBy(functions);
  if (reserved > 0 && reserved > accountConcurrency - UNRESERVED_MIN) {
    problems.push(
      `the functions reserve a concurrency of ${reserved}; ${UNRESERVED_MIN} of the account's ${accountConcurrency} must stay unreserved`,
    );
  }
  if (problems.length === 0) return;
  throw new Error(`Lambda would refuse these functions:\n${problems.map((each) => `- ${each}`).join('\n')}`);
}

function problemsOf({ environment, timeoutSeconds, memoryMegabytes }: FunctionResource): string[] {
  // Lambda does not document how it measures. The size as JSON is the strictest.
  const bytes = Buffer.byteLength(JSON.stringify(environment));
  const names = Object.keys(environment);
  return [
    ...(bytes <= ENVIRONMENT_BYTES_MAX
      ? []
      : [
          `its variables take ${bytes} bytes, over the limit of ${ENVIRONMENT_BYTES_MAX}; move some elsewhere`,
        ]),
    ...names
      .filter((name) => RESERVED_NAMES.includes(name))
      .map((name) => `the variable ${name} is Lambda's own; use another name`),
    ...names
      .filter((name) => !RESERVED_NAMES.includes(name) && !/^[a-zA-Z][a-zA-Z0-9_]+$/.test(name))
      .map((name) => `${JSON.stringify(name)} is not a valid variable name; use letters, digits and _`),
    ...(Number.isInteger(timeoutSeconds) && timeoutSeconds >= 1 && timeoutSeconds <= TIMEOUT_SECONDS_MAX
      ? []
      : [`its timeout of ${timeoutSeconds} s is not between 1 and ${TIMEOUT_SECONDS_MAX} s`]),
    ...(Number.isInteger(memoryMegabytes) &&
    memoryMegabytes >= MEMORY_MEGABYTES.min &&
    memoryMegabytes <= MEMORY_MEGABYTES.max
      ? []
      : [
          `its memory of ${memoryMegabytes} MB is not between ${MEMORY_MEGABYTES.min} and ${MEMORY_MEGABYTES.max} MB`,
        ]),
  ];
}
