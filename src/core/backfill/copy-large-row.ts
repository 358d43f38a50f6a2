import { FencedOut } from '../errors';
import type { Layout } from '../layout';
import type { Clock, Key, KeyRange, MeasuredRow, Reader, Ticket, Writer } from '../ports';
import { repeatCall, type Write } from '../settle-write';

/** 45,000 bytes are 60,000 of base64, below the Data API's 64 KiB for one result row. */
const PART_BYTES = 45_000;
/** Parts per call, for a result below 1 MiB. */
const PARTS_PER_CALL = 15;

/** The copier or applier that moves a large row. */
export interface LargeRowMover {
  readonly reader: Pick<Reader, 'measureRow' | 'readSlices'>;
  readonly writer: Pick<Writer, 'dropSlices' | 'stageSlices'>;
  readonly clock: Clock;
  readonly layout: Layout;
  /** Ticket of the mover's next write. */
  readonly ticket: () => Ticket;
  /** Settles one write, which consumes that ticket. */
  readonly write: (write: Write) => Promise<void>;
}

/**
 * Moves the first row of a range value by value: slices are staged in a table of Sluice's and then moved by one statement.
 * Null if the range has no row any more, or the row was deleted while it was read: read again.
 *
 * If the application changes the row in the meantime, the slices may be of different states of it. That is safe: the change
 * has an entry in the log, no applier drops that entry because the chunk was claimed before the row was read, and the entry
 * is applied once the chunk is closed.
 */
export async function copyLargeRow(
  mover: LargeRowMover & { readonly writer: Pick<Writer, 'moveStaged'> },
  range: KeyRange,
  after: Key | null,
): Promise<{ key: Key; bytes: number } | null> {
  const { reader, writer, clock, layout } = mover;
  const measured = await repeatCall(clock, () => reader.measureRow(layout, range, after));
  if (!measured || !(await stageRow(mover, measured))) return null;
  await mover.write((ticket) => writer.moveStaged(layout, ticket, measured.key));
  return { key: measured.key, bytes: measured.sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) };
}

/**
 * Stages a measured row value by value. False if it was deleted in the meantime. Staging starts with a separate write, so
 * that a slice of an earlier row in flight is fenced out.
 */
export async function stageRow(mover: LargeRowMover, measured: MeasuredRow): Promise<boolean> {
  await mover.write((ticket) => mover.writer.dropSlices(ticket));
  for (const [attribute, size] of measured.sizes.entries()) {
    if (size !== null && !(await stageValue(mover, measured.key, attribute, size))) return false;
  }
  return true;
}

async function stageValue(mover: LargeRowMover, key: Key, attribute: number, size: number): Promise<boolean> {
  const { reader, writer, clock, layout } = mover;
  const ticket = mover.ticket();
  const parts = Math.max(1, Math.ceil(size / PART_BYTES));
  for (let from = 0; from < parts; from += PARTS_PER_CALL) {
    const to = Math.min(parts, from + PARTS_PER_CALL);
    const slices = await repeatCall(clock, () =>
      reader.readSlices(layout, key, attribute, from, to, PART_BYTES),
    );
    if (slices.length < to - from) return false;
    const held = await repeatCall(clock, () => writer.stageSlices(ticket, attribute, from, slices));
    if (!held) throw new FencedOut(`a newer claim or an abort holds the lease of ${ticket.scope}`);
  }
  return true;
}
