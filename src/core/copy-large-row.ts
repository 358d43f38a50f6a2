import { FencedOut } from './errors';
import type { Layout } from './layout';
import type { Clock, Key, KeyRange, MeasuredRow, SourceTable, TargetTable, Ticket } from './ports';
import { repeatCall, type Write } from './settle-write';

/** 45,000 bytes are 60,000 of base64, below the Data API's 64 KiB for one result row. */
const PART_BYTES = 45_000;
/** Parts of one call: below 1 MiB of result. */
const PARTS_PER_CALL = 15;

export interface LargeRow {
  readonly source: SourceTable;
  readonly target: TargetTable;
  readonly clock: Clock;
  readonly layout: Layout;
  readonly range: KeyRange;
  readonly after: Key | null;
  /** Of the statement that will move the row; staging is bound to it without consuming it. */
  readonly ticket: Ticket;
}

/**
 * Moves the first row of a range value by value, in slices, staged beside the target and then moved by one statement.
 * Null if the range holds no row any more.
 */
export async function copyLargeRow(
  row: LargeRow,
  write: (write: Write) => Promise<void>,
): Promise<{ key: Key; bytes: number } | null> {
  const { source, target, clock, layout, range, after, ticket } = row;
  const measured = await repeatCall(clock, () => source.measureRow(layout, range, after));
  if (!measured) return null;
  await repeatCall(clock, () => target.dropSlices(ticket));
  for (const [attribute, size] of measured.sizes.entries()) {
    if (size !== null) await stageValue(row, measured, attribute, size);
  }
  await write((moving) => target.moveStaged(layout, moving, measured.key));
  return { key: measured.key, bytes: measured.sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) };
}

async function stageValue(
  row: LargeRow,
  measured: MeasuredRow,
  attribute: number,
  size: number,
): Promise<void> {
  const { source, target, clock, layout, ticket } = row;
  const parts = Math.max(1, Math.ceil(size / PART_BYTES));
  for (let from = 0; from < parts; from += PARTS_PER_CALL) {
    const to = Math.min(parts, from + PARTS_PER_CALL);
    const slices = await repeatCall(clock, () =>
      source.readSlices(layout, measured.key, attribute, from, to, PART_BYTES),
    );
    const held = await repeatCall(clock, () => target.stageSlices(ticket, attribute, from, slices));
    if (!held) throw new FencedOut(`a newer claim or an abort holds the lease of ${ticket.scope}`);
  }
}
