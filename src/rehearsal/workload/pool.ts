import type { Row } from './workload';

/** The unordered rows of one writer in one table, with constant-time access by index. */
export class Pool {
  private readonly keys: string[] = [];
  private readonly rows = new Map<string, { row: Row; index: number }>();

  get size(): number {
    return this.keys.length;
  }

  set(key: string, row: Row): void {
    const index = this.rows.get(key)?.index ?? this.keys.push(key) - 1;
    this.rows.set(key, { row, index });
  }

  delete(key: string): void {
    const found = this.rows.get(key);
    if (found === undefined) return;
    this.rows.delete(key);
    const last = this.keys.pop();
    if (last === undefined || last === key) return;
    this.keys[found.index] = last;
    const moved = this.rows.get(last);
    if (moved !== undefined) moved.index = found.index;
  }

  at(index: number): Row | undefined {
    return this.rows.get(this.keys[index] ?? '')?.row;
  }

  /** Returns up to `count` consecutive rows, starting at an index. */
  from(index: number, count: number): Row[] {
    const rows: Row[] = [];
    for (let place = 0; place < Math.min(count, this.size); place += 1) {
      const row = this.at((index + place) % this.size);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  all(): Row[] {
    return [...this.rows.values()].map(({ row }) => row);
  }
}
