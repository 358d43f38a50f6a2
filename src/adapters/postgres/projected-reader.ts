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
import { computedWithKey, projectionOf, type Projection, type Texts } from '../../core/definition/projection';
import { arrayLiteral } from './array-literal';

/** Half of what a request may carry if JSON writes every byte as six; a larger group is announced, not sent. */
const GROUP_BYTES_MAX = 600_000;
/** Bytes of one row that a row function may read. */
const READ_BYTES_MAX = 4_000_000;
/** Bytes of one part of a large value. */
const PART_BYTES = 45_000;
/** Maximum number of parts per call, so that its result stays below 1 MiB. */
const PARTS_PER_CALL = 15;
/** Large rows that are read concurrently, one by each partition of a worker. */
const LARGE_ROWS_MAX = 16;

/** A reader that also computes digests: only the verifier's is used for them. */
export interface DigestingReader extends Reader {
  digest(layout: Layout, range: KeyRange): Promise<Digest>;
}

export interface ProjectionOptions {
  readonly definition: Definition;
  readonly clock: Clock;
  /** Hashes rows, given as texts, as the table that is written would hold them. */
  readonly sumTexts: (layout: Layout, groups: readonly Group[]) => Promise<TextSums>;
}

/**
 * Reads rows as they are to be written, by applying the row function of a mapping, if it has one. Copier, applier and
 * comparison read only through this class and {@link ProjectedLog}.
 */
export class ProjectedReader implements DigestingReader {
  /** Results of functions for the large rows that are being read, by table and key, so that all parts are of one evaluation. */
  private readonly largeRows = new Map<string, Texts>();

  constructor(
    private readonly reader: DigestingReader,
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
    this.largeRows.delete(nameOf(layout, measured.key));
    const result = await this.resultFor(layout, projection, measured.key);
    const sizes = [...measured.sizes];
    projection.places.forEach((place, index) => (sizes[place] = bytesOf(result[index])));
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
    const result = await this.resultFor(layout, projection, key);
    const bytes = Buffer.from(result[index] ?? '');
    return Array.from({ length: to - from }, (_, part) =>
      bytes.subarray((from + part) * partBytes, (from + part + 1) * partBytes).toString('base64'),
    );
  }

  /** Adds a checksum of the row function's results, which the other database computes, because this one does not hold them. */
  async digest(layout: Layout, range: KeyRange): Promise<Digest> {
    const digest = await this.reader.digest(layout, range);
    if (!this.projectionOf(layout)) return digest;
    const { clock, sumTexts } = this.options;
    const given = computedWithKey(layout);
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

  /** Returns the function's result for one row that is not sent in a group. */
  private async resultFor(layout: Layout, projection: Projection, key: Key): Promise<Texts> {
    const name = nameOf(layout, key);
    const known = this.largeRows.get(name);
    if (known) return known;
    const attribute = projection.places[0]!;
    const text = await this.wholeText(layout, (from, to) =>
      this.reader.readSlices(layout, key, attribute, from, to, PART_BYTES),
    );
    const [result] =
      text === null ? [projection.places.map(() => null)] : projection.run([JSON.parse(text) as Texts]);
    if (this.largeRows.size >= LARGE_ROWS_MAX) this.largeRows.delete([...this.largeRows.keys()][0]!);
    this.largeRows.set(name, result!);
    return result!;
  }

  /** Reads all parts of a text; null if the row no longer exists. */
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
      `a row for ${quoteTable(to)} has more than ${READ_BYTES_MAX} bytes in the columns that the row function reads; compute the columns in SQL, or exclude the row with where`,
    );
  }
}

function projectGroup({ places, run }: Projection, group: Group): Group {
  if (group.columns === null) return group;
  const results = run(JSON.parse(group.columns[places[0]!]!) as Texts[]);
  const columns = [...group.columns];
  places.forEach((place, index) => (columns[place] = arrayLiteral(results.map((texts) => texts[index]!))));
  const bytes = Math.max(
    group.bytes,
    columns.reduce((sum, column) => sum + Buffer.byteLength(column), 0),
  );
  return { ...group, bytes, columns: bytes > GROUP_BYTES_MAX ? null : columns };
}

export const bytesOf = (text: string | null | undefined): number | null =>
  text === null || text === undefined ? null : Buffer.byteLength(text);

const nameOf = (layout: Layout, key: Key): string => `${quoteTable(layout.to)} ${key}`;
