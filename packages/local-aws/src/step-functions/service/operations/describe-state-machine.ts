import { machineItem, revisionView } from '../machine-views';
import { includedData, type Operation } from '../operation';
import { ServiceError } from '../service-error';
import { epochSeconds } from '../../timestamps';

/** Describes the latest revision, or a version. As documented, an alias is not described here. */
export const describeStateMachine: Operation = {
  shape: { stateMachineArn: 'string!', includedData: 'string' },
  run(request, { engine }) {
    const included = includedData(request);
    const arn = request.string('stateMachineArn');
    const { machine, revision, versionArn, aliasArn } = engine.machines.resolve(arn);
    if (aliasArn !== undefined)
      throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    const version = machine.versions.get(versionArn?.split(':').at(-1) ?? '');
    return {
      ...machineItem(machine),
      ...(version === undefined
        ? {}
        : {
            stateMachineArn: versionArn,
            creationDate: epochSeconds(version.creationMs),
            description: version.description,
          }),
      status: machine.status,
      ...revisionView(revision, included),
    };
  },
};
