import type { Definition } from '../../core/definition/definition';
import type { Layout } from '../../core/layout';
import type { GenerationName } from '../../core/ledger';
import type { ChangeLog, DirtyPage, DirtyPageSize, DirtyRow, Key } from '../../core/ports';
import { projectionOf, type Projection, type Texts } from '../../core/definition/projection';
import { bytesOf } from './projected-reader';

/** A change log that applies the row function of a mapping, if it has one, to the rows that it reads. */
export class ProjectedLog implements ChangeLog {
  constructor(
    private readonly log: ChangeLog,
    private readonly definition: Definition,
  ) {}

  async readDirty(
    layout: Layout,
    capture: string,
    partition: number,
    after: string | null,
    size: DirtyPageSize,
  ): Promise<DirtyPage> {
    const page = await this.log.readDirty(layout, capture, partition, after, size);
    const projection = projectionOf(this.definition, layout);
    return projection ? { ...page, rows: projectDirty(projection, page.rows, size) } : page;
  }

  captures(of: GenerationName) {
    return this.log.captures(of);
  }

  forget(capture: string, partition: number, entries: readonly string[]) {
    return this.log.forget(capture, partition, entries);
  }

  enqueue(layout: Layout, capture: string, keys: readonly Key[]) {
    return this.log.enqueue(layout, capture, keys);
  }

  dirtyPartitions(captures: readonly string[]) {
    return this.log.dirtyPartitions(captures);
  }

  depth(of: GenerationName) {
    return this.log.depth(of);
  }
}

/** Marks rows that become too large, alone or together, as `large`: the applier then writes them one by one. */
function projectDirty(
  { places, run }: Projection,
  rows: readonly DirtyRow[],
  size: DirtyPageSize,
): DirtyRow[] {
  const texts = rows.flatMap(({ row }) => (typeof row === 'string' ? [] : [row]));
  const results = run(texts.map((row) => JSON.parse(row[places[0]!]!) as Texts)).values();
  let bytes = 0;
  return rows.map((dirty) => {
    if (typeof dirty.row === 'string') return dirty;
    const row = [...dirty.row];
    const values = results.next().value!;
    places.forEach((place, index) => (row[place] = values[index]!));
    const own = row.reduce((sum, text) => sum + (bytesOf(text) ?? 0), 0);
    bytes += own;
    return { ...dirty, row: own > size.rowBytesMax || bytes > size.bytesMax ? 'large' : row };
  });
}
