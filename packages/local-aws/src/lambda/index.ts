export type { StartedInvocation } from './environment';
export { InvocationError } from './errors';
export type { LambdaCounters } from './counters';
export type { LambdaMetric } from './function-pool';
export {
  startLambdaHost,
  type InvokeResult,
  type LambdaHost,
  type LambdaHostOptions,
  type RunningEnvironment,
} from './host';
export { LOCAL_CREDENTIALS } from './variables';
