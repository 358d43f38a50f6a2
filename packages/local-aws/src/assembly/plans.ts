import type { FunctionPlan } from './function-plan';
import type { MachinePlan } from './machine-plan';

/** The plans of a deployment. */
export interface Plans {
  readonly functions: FunctionPlan;
  readonly machines: MachinePlan;
}
