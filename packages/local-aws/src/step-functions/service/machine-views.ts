import type { Revision, StateMachine } from '../state-machines';
import type { DataKind } from './operation';
import { epochSeconds } from '../timestamps';

export const machineItem = ({ stateMachineArn, name, creationMs }: StateMachine): object => ({
  stateMachineArn,
  name,
  type: 'STANDARD',
  creationDate: epochSeconds(creationMs),
});

/** The fields of a revision that both Describe operations return. */
export function revisionView(revision: Revision, included: DataKind): object {
  const { definition, roleArn, revisionId, variableReferences } = revision;
  return {
    definition: included === 'METADATA_ONLY' ? '{}' : definition,
    roleArn,
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    ...(revisionId === undefined ? {} : { revisionId }),
    ...(Object.keys(variableReferences).length === 0 ? {} : { variableReferences }),
  };
}
