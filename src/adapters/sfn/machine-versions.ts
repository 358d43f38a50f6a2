/** Published versions of a state machine; each deployment publishes one, described by its code version. */
import {
  DescribeStateMachineCommand,
  ListStateMachineVersionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';

export interface MachineVersion {
  readonly arn: string;
  /** Code version of the deployment that published it; null if it has no description. */
  readonly code: string | null;
}

/** Versions of a machine, newest first; each is described when it is reached. */
export async function* versionsOf(sfn: SFNClient, stateMachineArn: string): AsyncGenerator<MachineVersion> {
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn, nextToken }));
    for (const { stateMachineVersionArn: arn } of page.stateMachineVersions ?? []) {
      if (arn === undefined) continue;
      const { description } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
      yield { arn, code: description ?? null };
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}
