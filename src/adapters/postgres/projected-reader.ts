import type { Definition } from '../../core/definition/definition';
import { digestByText, type TextSums } from '../../core/verification/digest-by-text';
import { RowFunctionFailed } from '../../core/errors';
import { quoteTable } from '../../core/identifier';
import type { Layout } from '../../core/layout';
import type { Digest } from '../../core/ledger';
import type {
  Boundaries,
  Clock,
  Group,
  Key,
  KeyRange,
  MeasuredRow,
  PageSize,
  Reader,
} from '../../core/ports';
import { givenWithKey, projectionOf, type Projection, type Texts } from '../../core/definition/projection';
import { arrayLiteral } from './array-literal';

/** Half of what a request may carry where JSON writes every byte as six; a larger group is announced, not sent. */
const GROUP_BYTES_MAX = 600_000;
/** What a row function may be given of one row. */
const READ_BYTES_MAX = 4_000_000;
const PART_BYTES = 45_000;
/** Parts of one call: below 1 MiB of result. */
const PARTS_PER_CALL = 15;
/** Large rows that are read at the same time, one by each partition of a worker. */
const LARGE_ROWS_MAX = 16;

export interface ProjectionOptions {
  readonly definition: Definition;
  readonly clock: Clock;
  /** Hashes texts as the written rows would be hashed. */
  readonly sumTexts: (layout: Layout, groups: readonly Group[]) => Promise<TextSums>;
}

/**
 * Rows as they are written: where a mapping has a row function, every row has passed it. Copier, applier and comparison read
 * through this and {@link ProjectedLog} alone.
 */
export class ProjectedReader implements Reader {
  /** What functions gave for the large rows that are being read, by table and key: a row's parts are of one evaluation. */
  private readonly large = new Map<string, Texts>();

  constructor(
    private readonly reader: Reader,
    private readonly options: ProjectionOptions,
  ) {}

  async readPage(
    layout: Layout,
    range: KeyRange,
    after: Key | null,
    size: PageSize,
  ): Promise<readonly Group[]> {
    const groups = await this.reader.readPage(layout, range, after, size);
    const projection = this.projectionOf(layout);
    return projection ? groups.map((group) => projectGroup(projection, group)) : groups;
  }

  async measureRow(layout: Layout, range: KeyRange, after: Key | null): Promise<MeasuredRow | null> {
    const measured = await this.reader.measureRow(layout, range, after);
    const projection = this.projectionOf(layout);
    if (!measured || !projection) return measured;
    this.large.delete(nameOf(layout, measured.key));
    const given = await this.givenFor(layout, projection, measured.key);
    const sizes = [...measured.sizes];
    projection.places.forEach((place, index) => (sizes[place] = bytesOf(given[index])));
    return { key: measured.key, sizes };
  }

  async readSlices(
    layout: Layout,
    key: Key,
    attribute: number,
    from: number,
    to: number,
    partBytes: number,
  ): Promise<readonly string[]> {
    const projection = this.projectionOf(layout);
    const index = projection?.places.indexOf(attribute) ?? -1;
    if (!projection || index < 0) return this.reader.readSlices(layout, key, attribute, from, to, partBytes);
    const given = await this.givenFor(layout, projection, key);
    const bytes = Buffer.from(given[index] ?? '');
    return Array.from({ length: to - from }, (_, part) =>
      bytes.subarray((from + part) * partBytes, (from + part + 1) * partBytes).toString('base64'),
    );
  }

  /** The values that a row function gives are not stored where rows are read: the other database hashes them, with the rows' key. */
  async digest(layout: Layout, range: KeyRange): Promise<Digest> {
    const digest = await this.reader.digest(layout, range);
    if (!this.projectionOf(layout)) return digest;
    const { clock, sumTexts } = this.options;
    const given = givenWithKey(layout);
    const sums = await digestByText(
      {
        reader: this,
        largeRow: (within, after) => this.readLargeRow(given, within, after),
        sum: (groups) => sumTexts(layout, groups),
        clock,
      },
      given,
      range,
    );
    return { rows: digest.rows, checksum: `${digest.checksum}:${sums}` };
  }

  firstKey(layout: Layout, range: KeyRange, after: Key | null): Promise<Key | null> {
    return this.reader.firstKey(layout, range, after);
  }

  boundaries(layout: Layout, rows: number, percent: number, chunksMax: number): Promise<Boundaries> {
    return this.reader.boundaries(layout, rows, percent, chunksMax);
  }

  lastKey(layout: Layout): Promise<Key | null> {
    return this.reader.lastKey(layout);
  }

  private projectionOf(layout: Layout): Projection | null {
    return projectionOf(this.options.definition, layout);
  }

  private async readLargeRow(layout: Layout, range: KeyRange, after: Key | null): Promise<Group | null> {
    const measured = await this.measureRow(layout, range, after);
    if (!measured) return null;
    const columns: string[] = [];
    for (const [attribute, size] of measured.sizes.entries()) {
      const text = await this.wholeText(layout, (from, to) =>
        this.readSlices(layout, measured.key, attribute, from, to, PART_BYTES),
      );
      if (text === null) return null;
      columns.push(arrayLiteral([size === null ? null : text]));
    }
    const bytes = columns.reduce((sum, column) => sum + Buffer.byteLength(column), 0);
    return { rows: 1, bytes, last: measured.key, columns };
  }

  /** What the function gives for one row that does not travel in a group. */
  private async givenFor(layout: Layout, projection: Projection, key: Key): Promise<Texts> {
    const name = nameOf(layout, key);
    const known = this.large.get(name);
    if (known) return known;
    const attribute = projection.places[0]!;
    const text = await this.wholeText(layout, (from, to) =>
      this.reader.readSlices(layout, key, attribute, from, to, PART_BYTES),
    );
    const [given] =
      text === null ? [projection.places.map(() => null)] : projection.run([JSON.parse(text) as Texts]);
    if (this.large.size >= LARGE_ROWS_MAX) this.large.delete([...this.large.keys()][0]!);
    this.large.set(name, given!);
    return given!;
  }

  /** Null if the row is gone. */
  private async wholeText(
    { to }: Layout,
    read: (from: number, to: number) => Promise<readonly string[]>,
  ): Promise<string | null> {
    const parts: Buffer[] = [];
    for (let from = 0; from * PART_BYTES <= READ_BYTES_MAX; from += PARTS_PER_CALL) {
      const slices = await read(from, from + PARTS_PER_CALL);
      if (slices.length === 0) return null;
      parts.push(...slices.map((slice) => Buffer.from(slice, 'base64')));
      if ((parts.at(-1)?.length ?? 0) < PART_BYTES) return Buffer.concat(parts).toString('utf8');
    }
    throw new RowFunctionFailed(
      `a row for ${quoteTable(to)} has more than ${READ_BYTES_MAX} bytes in the columns that the row function reads; let SQL compute them, or leave the row out with where`,
    );
  }
}

function projectGroup({ places, run }: Projection, group: Group): Group {
  if (group.columns === null) return group;
  const given = run(JSON.parse(group.columns[places[0]!]!) as Texts[]);
  const columns = [...group.columns];
  places.forEach((place, index) => (columns[place] = arrayLiteral(given.map((texts) => texts[index]!))));
  const bytes = Math.max(
    group.bytes,
    columns.reduce((sum, column) => sum + Buffer.byteLength(column), 0),
  );
  return { ...group, bytes, columns: bytes > GROUP_BYTES_MAX ? null : columns };
}

export const bytesOf = (text: string | null | undefined): number | null =>
  text === null || text === undefined ? null : Buffer.byteLength(text);

const nameOf = (layout: Layout, key: Key): string => `${quoteTable(layout.to)} ${key}`;
