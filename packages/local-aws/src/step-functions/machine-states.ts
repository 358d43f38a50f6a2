/** Converts the deployed state of a machine into what the service keeps in memory. */
import { readDefinition } from './definition';
import type { MachineAlias, MachineRevision, MachineState } from './deployed-machine';
import type { PublishedVersion, Revision } from './revision';

/** @throws InvalidDefinitionError */
export function revisionOf(
  machineName: string,
  { definition, roleArn, updateMs, revisionId }: MachineRevision,
): Revision {
  const read = readDefinition(machineName, definition);
  return { ...read, definition, roleArn, updateMs, revisionId: revisionId ?? undefined };
}

/** @param known the versions in memory, which are immutable. @throws InvalidDefinitionError */
export function versionsOf(
  { name, versions }: MachineState,
  known: ReadonlyMap<string, PublishedVersion>,
): Map<string, PublishedVersion> {
  return new Map(
    Object.entries(versions).map(([number, { revision, description, creationMs }]) => [
      number,
      known.get(number) ?? { revision: revisionOf(name, revision), description, creationMs },
    ]),
  );
}

export const aliasesOf = ({ aliases }: MachineState): Map<string, MachineAlias> =>
  new Map(Object.entries(aliases));
