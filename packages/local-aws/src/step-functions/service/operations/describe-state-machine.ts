import { machineItem, revisionView } from '../machine-views';
import { includedData, type Operation } from '../operation';

export const describeStateMachine: Operation = {
  shape: { stateMachineArn: 'string!', includedData: 'string' },
  run(request, { engine }) {
    const included = includedData(request);
    const machine = engine.machines.get(request.string('stateMachineArn'));
    return { ...machineItem(machine), status: machine.status, ...revisionView(machine.revision, included) };
  },
};
