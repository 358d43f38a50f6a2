import { READS, WRITES } from './operations';

export interface DynamoDbCounters {
  /** Requests by operation, failed ones included. */
  readonly requests: Readonly<Record<string, number>>;
  /** 1 unit: 4 KB read consistently, or twice that eventually. Secondary indexes of the item are not included. */
  readonly readUnits: number;
  /** 1 unit: 1 KB written. A failed condition consumes too; it is counted as 1. */
  readonly writeUnits: number;
  readonly conditionFailures: number;
}

export interface Meter {
  count(operation: string, response: Readonly<Record<string, unknown>>, errorName: string | undefined): void;
  read(): DynamoDbCounters;
}

/** Counts what requests consumed, from the ConsumedCapacity that every answer of the backend carries. */
export function createMeter(): Meter {
  const requests: Record<string, number> = {};
  let [readUnits, writeUnits, conditionFailures] = [0, 0, 0];
  return {
    count: (operation, response, errorName) => {
      requests[operation] = (requests[operation] ?? 0) + 1;
      if (errorName === 'ConditionalCheckFailedException') {
        conditionFailures += 1;
        writeUnits += 1;
      }
      const units = unitsOf(response['ConsumedCapacity']);
      if (READS.includes(operation)) readUnits += units;
      if (WRITES.includes(operation)) writeUnits += units;
    },
    read: () => ({ requests: { ...requests }, readUnits, writeUnits, conditionFailures }),
  };
}

/** One capacity, or one per table in answers to batches. */
function unitsOf(consumed: unknown): number {
  if (Array.isArray(consumed)) return consumed.map(unitsOf).reduce((sum, units) => sum + units, 0);
  return Number((consumed as { CapacityUnits?: number } | undefined)?.CapacityUnits ?? 0);
}
