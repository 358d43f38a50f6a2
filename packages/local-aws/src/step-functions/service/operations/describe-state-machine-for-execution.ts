import { revisionView } from '../machine-views';
import { includedData, seconds, type Operation } from '../operation';

/** The revision that the execution was started with, whatever the machine is now. */
export const describeStateMachineForExecution: Operation = {
  shape: { executionArn: 'text!', includedData: 'text' },
  run(request, { engine }) {
    const included = includedData(request);
    const { record, plan } = engine.planOf(request.text('executionArn'));
    const { stateMachineArn, mapRunArn } = record;
    return {
      stateMachineArn,
      name: plan.machineName,
      ...revisionView(plan.revision, included),
      updateDate: seconds(plan.revision.updateMs),
      ...(mapRunArn === undefined ? {} : { mapRunArn, label: stateMachineArn.split('/').at(-1) }),
    };
  },
};
