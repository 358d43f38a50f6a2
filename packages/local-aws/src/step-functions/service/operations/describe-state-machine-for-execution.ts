import { revisionView } from '../machine-views';
import { includedData, type Operation } from '../operation';
import { epochSeconds } from '../../timestamps';

/** Describes the revision that the execution was started with. */
export const describeStateMachineForExecution: Operation = {
  shape: { executionArn: 'string!', includedData: 'string' },
  run(request, { engine }) {
    const included = includedData(request);
    const { record, plan } = engine.requirePlan(request.string('executionArn'));
    const { stateMachineArn, mapRunArn } = record;
    return {
      stateMachineArn,
      name: plan.stateMachineName,
      ...revisionView(plan.revision, included),
      updateDate: epochSeconds(plan.revision.updateMs),
      ...(mapRunArn === undefined ? {} : { mapRunArn, label: stateMachineArn.split('/').at(-1) }),
    };
  },
};
