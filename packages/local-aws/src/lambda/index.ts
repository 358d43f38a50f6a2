export type { StartedInvocation } from './environment';
export { ACCOUNT_CONCURRENCY } from './concurrency';
export { InvocationError, serviceRefusal } from './errors';
export type { LambdaCounters } from './counters';
export type { LambdaMetric } from './function-pool';
export {
  startLambdaHost,
  type InvokeResult,
  type LambdaHost,
  type LambdaHostOptions,
  type RunningEnvironment,
} from './host';
export { requireDeployable } from './limits';
export { LOCAL_CREDENTIALS } from './variables';
