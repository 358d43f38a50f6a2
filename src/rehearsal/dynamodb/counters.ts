import { READS, WRITES } from './operations';

export interface DynamoDbCounters {
  /** Requests by operation, failed ones included. */
  readonly requests: Readonly<Record<string, number>>;
  /** 1 unit: 4 KB read consistently, or twice that eventually. Secondary indexes of the item are not included. */
  readonly readUnits: number;
  /** 1 unit: 1 KB written. A failed condition consumes too; it is counted as 1. */
  readonly writeUnits: number;
  readonly conditionFailures: number;
  /** Requests that met the limit of a partition. */
  readonly throttles: number;
}

export interface Meter {
  /** @returns the units that the request consumed */
  count(
    operation: string,
    response: Readonly<Record<string, unknown>>,
    errorName: string | undefined,
  ): number;
  countThrottle(operation: string): void;
  read(): DynamoDbCounters;
}

/** Counts what requests consumed, from the ConsumedCapacity that every answer of the backend carries. */
export function createMeter(): Meter {
  const requests: Record<string, number> = {};
  let [readUnits, writeUnits, conditionFailures, throttles] = [0, 0, 0, 0];
  return {
    count: (operation, response, errorName) => {
      requests[operation] = (requests[operation] ?? 0) + 1;
      const failed = errorName === 'ConditionalCheckFailedException';
      if (failed) conditionFailures += 1;
      const units = failed ? 1 : unitsOf(response['ConsumedCapacity']);
      if (READS.includes(operation)) readUnits += units;
      if (WRITES.includes(operation)) writeUnits += units;
      return units;
    },
    countThrottle: (operation) => {
      requests[operation] = (requests[operation] ?? 0) + 1;
      throttles += 1;
    },
    read: () => ({ requests: { ...requests }, readUnits, writeUnits, conditionFailures, throttles }),
  };
}

/** One capacity, or one per table in answers to batches. */
function unitsOf(consumed: unknown): number {
  if (Array.isArray(consumed)) return consumed.map(unitsOf).reduce((sum, units) => sum + units, 0);
  return Number((consumed as { CapacityUnits?: number } | undefined)?.CapacityUnits ?? 0);
}
