import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
import { asTransient } from '../dynamodb/error';

/** Whether an execution is running or about to be redriven. Eventually consistent. */
export async function isRunning(sfn: SFNClient, execution: string): Promise<boolean> {
  try {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE';
  } catch (error) {
    // Step Functions deletes histories after 90 days; an owner that claimed the migration has existed.
    if (error instanceof ExecutionDoesNotExist) return false;
    throw asTransient(error);
  }
}
