import type { Group } from '../ports';

/** The Data API takes 4 MiB of request; JSON writes a quote as two bytes and a control character as six. */
const REQUEST_BYTES_MAX = 3_800_000;
const CONTROL_CHARACTER = /[\u0000-\u0007\u000b\u000e-\u001f]/;

export const rowsOf = (groups: readonly Group[]): number =>
  groups.reduce((sum, group) => sum + group.rows, 0);

/** Packs groups into as few requests as the service's limit allows. */
export function requestsOf(groups: readonly Group[]): Group[][] {
  const requests: Group[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const group of groups) {
    const cost = group.bytes * (group.columns!.some((column) => CONTROL_CHARACTER.test(column)) ? 6 : 2);
    if (bytes + cost > REQUEST_BYTES_MAX) {
      requests.push([]);
      bytes = 0;
    }
    requests.at(-1)!.push(group);
    bytes += cost;
  }
  return requests;
}
