import type { Change, DirtyRow } from '../ports';

/** The Data API takes 4 MiB of request. */
export const REQUEST_BYTES_MAX = 3_800_000;

export const changeOf = ({ key, row }: DirtyRow): Change => ({
  key,
  row: typeof row === 'string' ? null : row,
});

/** Packs rows into as few requests as the service's limit allows. */
export function requestsOf(rows: readonly DirtyRow[], rowsMax = Number.POSITIVE_INFINITY): DirtyRow[][] {
  const requests: DirtyRow[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const cost = bytesOf(row);
    if (bytes + cost > REQUEST_BYTES_MAX || requests.at(-1)!.length >= rowsMax) {
      requests.push([]);
      bytes = 0;
    }
    requests.at(-1)!.push(row);
    bytes += cost;
  }
  return requests;
}

/** Bytes of a change in a request: its JSON is a string within the request's JSON, which escapes quotes and backslashes. */
export function bytesOf(row: DirtyRow): number {
  const text = JSON.stringify(changeOf(row));
  return Buffer.byteLength(text) + (text.match(/["\\]/g)?.length ?? 0);
}
