import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  StopExecutionCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { asTransient } from '../dynamodb/error';

/** Returns whether an execution is running or waiting to be redriven. Eventually consistent. */
export async function isRunning(sfn: SFNClient, execution: string): Promise<boolean> {
  try {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE';
  } catch (error) {
    // Step Functions deletes an execution after 90 days; one that claimed the migration existed, so it has ended.
    if (error instanceof ExecutionDoesNotExist) return false;
    throw asTransient(error);
  }
}

/** Stops an execution, and with it those of its maps. Does nothing if it has ended. */
export async function stop(sfn: SFNClient, execution: string, cause: string): Promise<void> {
  try {
    await sfn.send(new StopExecutionCommand({ executionArn: execution, error: 'Stopped', cause }));
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return;
    throw asTransient(error);
  }
}
