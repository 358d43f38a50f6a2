/** What requests consume: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
import { capacityUnits, type Item } from 'dynalite/db';

/** One capacity, or one per table in answers to batches. */
export function unitsOf(consumed: unknown): number {
  if (Array.isArray(consumed)) return consumed.map(unitsOf).reduce((sum, units) => sum + units, 0);
  return Number((consumed as { CapacityUnits?: number } | undefined)?.CapacityUnits ?? 0);
}

/**
 * Of a write whose condition failed: the size of the item that is there in KB, rounded up, and 1 if none is. The error
 * does not tell it. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/workingwithitems.html
 */
export const failedConditionUnits = (existing: Item | undefined): number => capacityUnits(existing, false);

/** dynalite reads consistently always, but counts every scan as an eventually consistent one. */
export function doubleUnits(consumed: unknown): void {
  const capacity = (consumed ?? {}) as { CapacityUnits?: number; Table?: { CapacityUnits: number } };
  if (capacity.CapacityUnits !== undefined) capacity.CapacityUnits *= 2;
  if (capacity.Table !== undefined) capacity.Table.CapacityUnits *= 2;
}
