import { READS, WRITES } from './operations';

export interface DynamoDbCounters {
  /** Requests by operation, including failed ones. */
  readonly requests: Readonly<Record<string, number>>;
  /** 1 unit: 4 KB read consistently, or 8 KB read eventually consistently. */
  readonly readUnits: number;
  /** 1 unit: 1 KB written. A failed condition consumes the units of the existing item. Secondary indexes are not counted. */
  readonly writeUnits: number;
  readonly conditionFailures: number;
  /** Requests that exceeded the limit of a partition. */
  readonly throttles: number;
}

export interface Meter {
  /** @param conditionFailed the request failed with ConditionalCheckFailedException */
  count(operation: string, units: number, conditionFailed: boolean): void;
  countThrottle(operation: string): void;
  read(): DynamoDbCounters;
}

export function createMeter(): Meter {
  const requests: Record<string, number> = {};
  let [readUnits, writeUnits, conditionFailures, throttles] = [0, 0, 0, 0];
  return {
    count: (operation, units, conditionFailed) => {
      requests[operation] = (requests[operation] ?? 0) + 1;
      if (conditionFailed) conditionFailures += 1;
      if (READS.includes(operation)) readUnits += units;
      if (WRITES.includes(operation)) writeUnits += units;
    },
    countThrottle: (operation) => {
      requests[operation] = (requests[operation] ?? 0) + 1;
      throttles += 1;
    },
    read: () => ({ requests: { ...requests }, readUnits, writeUnits, conditionFailures, throttles }),
  };
}
