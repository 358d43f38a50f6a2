import { requestsOf } from '../backfill/page-requests';
import type { Layout } from '../layout';
import { PageSizer } from '../backfill/page-size';
import type { Clock, Group, Key, KeyRange, Reader } from '../ports';
import { repeatCall } from '../settle-write';

/** Two sums of hashes over rows, as decimal texts. */
export interface TextSums {
  readonly low: string;
  readonly high: string;
}

export interface TextDigestPorts {
  /** Reads rows as they are to be written. */
  readonly reader: Pick<Reader, 'readPage'>;
  /** Reads one row that is too large for a group, as a separate group; null if it no longer exists. */
  readonly largeRow: (range: KeyRange, after: Key | null) => Promise<Group | null>;
  /** Hashes rows as they would be written. */
  readonly sum: (groups: readonly Group[]) => Promise<TextSums>;
  readonly clock: Clock;
}

/** Sums over a range of computed values, page by page, with one page in memory. */
export async function digestByText(
  { reader, largeRow, sum, clock }: TextDigestPorts,
  layout: Layout,
  range: KeyRange,
): Promise<string> {
  const sizer = new PageSizer();
  let [low, high] = [0n, 0n];
  const add = async (groups: readonly Group[]): Promise<void> => {
    for (const request of requestsOf(groups)) {
      const sums = await repeatCall(clock, () => sum(request));
      low += BigInt(sums.low);
      high += BigInt(sums.high);
    }
  };
  for (let after: Key | null = null; ;) {
    const { size } = sizer;
    const page = await repeatCall(clock, () => reader.readPage(layout, range, after, size));
    const cut = page.findIndex(({ columns }) => columns === null);
    const groups = cut < 0 ? page : page.slice(0, cut);
    if (groups.length > 0) {
      await add(groups);
      sizer.delivered(groups);
      after = groups.at(-1)!.last;
    } else if (cut < 0) {
      return `${low}:${high}`;
    } else if (page[0]!.rows > 1) {
      sizer.tooLarge(page[0]!.rows);
    } else {
      const row = await largeRow(range, after);
      if (row) await add([row]);
      after = row?.last ?? page[0]!.last;
    }
  }
}
