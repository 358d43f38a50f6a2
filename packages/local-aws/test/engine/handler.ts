/** The function of the engine's tests, bundled as for Lambda, with the SDK and Powertools. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { Context } from 'aws-lambda';

const logger = new Logger({ serviceName: 'little' });
const metrics = new Metrics({ namespace: 'Little', serviceName: 'little' });
const tracer = new Tracer({ serviceName: 'little' });
const [dynamodb, rdsData, sfn] = [new DynamoDBClient(), new RDSDataClient(), new SFNClient()].map((client) =>
  tracer.captureAWSv3Client(client),
) as [DynamoDBClient, RDSDataClient, SFNClient];

interface Event {
  readonly pk: string;
  readonly clusterArn: string;
  readonly secretArn: string;
}

export async function handler(event: Event, context: Context): Promise<Record<string, unknown>> {
  logger.info('writing', { pk: event.pk });
  const { records } = await rdsData.send(
    new ExecuteStatementCommand({
      resourceArn: event.clusterArn,
      secretArn: event.secretArn,
      database: 'shop',
      sql: 'select current_user::text, count(*) from orders',
    }),
  );
  const Item = { pk: { S: event.pk }, kind: { S: 'note' } };
  await dynamodb.send(new PutItemCommand({ TableName: process.env['TABLE'] ?? '', Item }));
  const { stateMachines } = await sfn.send(new ListStateMachinesCommand());
  metrics.addMetric('written', MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
  return {
    user: records?.[0]?.[0]?.stringValue,
    orders: records?.[0]?.[1]?.longValue,
    machines: stateMachines?.map(({ name }) => name),
    function: context.functionName,
    traced: tracer.isTracingEnabled(),
  };
}
