/** Counts the use of metered services, and models its price. */
import type { DataApiCounters } from './data-api/options';
import type { DynamoDbCounters } from './dynamodb';
import type { LambdaCounters } from './lambda';
import type { Counters as StateMachineCounters } from './step-functions';

export interface EngineCounters {
  readonly dataApi: DataApiCounters;
  readonly dynamodb: DynamoDbCounters;
  /** By function name. */
  readonly lambda: Readonly<Record<string, LambdaCounters>>;
  readonly stateMachines: StateMachineCounters;
}

export interface ModelledCost {
  readonly dataApiCalls: number;
  /** Consumed write units. */
  readonly dynamodbWrites: number;
  readonly lambdaGbSeconds: number;
  readonly stateTransitions: number;
  /**
   * Uses the first tier of each price, without free allowances. Excludes databases, logs, metrics, alarms, storage and data
   * transfer. Durations are this machine's, not Lambda's.
   */
  readonly modelledCostUsd: number;
}

/** First tiers in us-east-1, in USD, from secondary sources of 2024–2026. Verify them before you publish a figure. */
export const PRICES = {
  /** aws.amazon.com/step-functions/pricing, Standard workflows; retries count as transitions. */
  stateTransition: 0.025 / 1000,
  /** aws.amazon.com/lambda/pricing. */
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: { x86_64: 0.0000166667, arm64: 0.0000133334 },
  /** aws.amazon.com/rds/aurora/pricing, Data API; per unit of 32 KB of data (the size is unverified). */
  dataApiUnit: 0.35 / 1e6,
  /** aws.amazon.com/dynamodb/pricing/on-demand, Standard table class. */
  dynamodbWriteUnit: 0.625 / 1e6,
  dynamodbReadUnit: 0.125 / 1e6,
} as const;

export function modelCost({ dataApi, dynamodb, lambda, stateMachines }: EngineCounters): ModelledCost {
  const functions = Object.values(lambda);
  const lambdaUsd = sum(
    functions.map(
      ({ invocations, gigabyteSeconds, architecture }) =>
        invocations * PRICES.lambdaRequest + gigabyteSeconds * PRICES.lambdaGbSecond[architecture],
    ),
  );
  return {
    dataApiCalls: sum(Object.values(dataApi.calls)),
    dynamodbWrites: dynamodb.writeUnits,
    lambdaGbSeconds: sum(functions.map(({ gigabyteSeconds }) => gigabyteSeconds)),
    stateTransitions: stateMachines.stateTransitions,
    modelledCostUsd:
      lambdaUsd +
      dataApi.billedUnits * PRICES.dataApiUnit +
      dynamodb.writeUnits * PRICES.dynamodbWriteUnit +
      dynamodb.readUnits * PRICES.dynamodbReadUnit +
      stateMachines.stateTransitions * PRICES.stateTransition,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
