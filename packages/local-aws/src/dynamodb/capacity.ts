/** Computes the capacity that requests consume: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
import { capacityUnits, type Item } from 'dynalite/db';

/** Sums a response's consumed capacity: one value, or one per table of a batch. */
export function unitsOf(consumed: unknown): number {
  if (Array.isArray(consumed)) return consumed.map(unitsOf).reduce((sum, units) => sum + units, 0);
  return Number((consumed as { CapacityUnits?: number } | undefined)?.CapacityUnits ?? 0);
}

/**
 * Returns the units of a write whose condition failed: the size of the existing item in KB, rounded up; 1 if there is none.
 * The error does not contain them. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/workingwithitems.html
 */
export const failedConditionUnits = (existing: Item | undefined): number => capacityUnits(existing, false);

/** Corrects a consistent scan: dynalite counts every scan as eventually consistent. */
export function doubleUnits(consumed: unknown): void {
  const capacity = (consumed ?? {}) as { CapacityUnits?: number; Table?: { CapacityUnits: number } };
  if (capacity.CapacityUnits !== undefined) capacity.CapacityUnits *= 2;
  if (capacity.Table !== undefined) capacity.Table.CapacityUnits *= 2;
}
