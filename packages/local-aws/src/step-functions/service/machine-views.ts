import type { MachineAlias } from '../deployed-machine';
import type { PublishedVersion, Revision } from '../revision';
import type { StateMachine } from '../state-machines';
import type { DataKind } from './operation';
import { epochSeconds } from '../timestamps';

export const machineItem = ({ stateMachineArn, name, creationMs }: StateMachine): object => ({
  stateMachineArn,
  name,
  type: 'STANDARD',
  creationDate: epochSeconds(creationMs),
});

export const versionItem = (stateMachineVersionArn: string, { creationMs }: PublishedVersion): object => ({
  stateMachineVersionArn,
  creationDate: epochSeconds(creationMs),
});

export const aliasItem = (stateMachineAliasArn: string, { creationMs }: MachineAlias): object => ({
  stateMachineAliasArn,
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
