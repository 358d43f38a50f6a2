/** Models the statements on the source: rows, the change log, captures. Each behaves like its SQL in the adapters. */
import type { DirtyRow, Group } from '../../../src/core/ports';
import { guardStatement, ifPermitted } from './guard';
import { removalStatement } from './removal';
import { OWNER } from './scene';
import {
  failed,
  idOf,
  keyOf,
  notInstalled,
  replyWith,
  withSource,
  type Effect,
  type Entry,
  type Request,
  type Rows,
  type State,
} from './state';

/** Rows and entries per page: few, so that there are several pages. */
export const PAGE_ROWS = 1;
export const PAGE_ENTRIES = 2;

interface Range {
  readonly lower: string | null;
  readonly upper: string | null;
}

/** Ids of the rows within a range, in key order; with `after`, those after a key. */
export const idsWithin = (rows: Rows, { lower, upper }: Range, after: string | null = null): string[] =>
  Object.keys(rows)
    .filter(
      (id) =>
        (after !== null ? Number(id) > idOf(after) : lower === null || Number(id) >= idOf(lower)) &&
        (upper === null || Number(id) < idOf(upper)),
    )
    .sort((left, right) => Number(left) - Number(right));

/** A count and a checksum: equal rows have equal checksums, different ones almost never. */
export function digestOf(rows: Rows, range: Range): { rows: number; checksum: string } {
  const ids = idsWithin(rows, range);
  const sum = ids.reduce((total, id) => total + Number(id) * 1_000_003 + rows[id]! * 97 + 7, 0);
  return { rows: ids.length, checksum: `${sum}:${sum * 3}` };
}

export function sourceStatement(state: State, request: Request): Effect | null {
  const guarded = guardStatement(state, 'source', request);
  if (guarded !== undefined) return guarded;
  const removed = removalStatement(state, 'source', request);
  if (removed) return removed;
  const { source } = state;
  const { args, op } = request;
  switch (op) {
    case 'readPage':
      return replyWith(state, readPage(state, args as unknown as Range & { after: string | null }));
    case 'digest':
      return replyWith(state, digestOf(source.rows, args as unknown as Range));
    case 'boundaries': {
      const ids = idsWithin(source.rows, { lower: null, upper: null });
      const cuts = Number(args.cuts) > 0 && ids.length > 1 ? [keyOf(ids[Math.floor(ids.length / 2)]!)] : [];
      return replyWith(state, { rowsEstimated: ids.length, keys: cuts });
    }
    case 'lastKey': {
      const last = idsWithin(source.rows, { lower: null, upper: null }).at(-1);
      return replyWith(state, last === undefined ? null : keyOf(last));
    }
  }
  // Every other statement needs the schema.
  return source.installed ? captureStatement(state, request) : notInstalled(state);
}

function readPage(state: State, { after, ...range }: Range & { after: string | null }): Group[] {
  const { rows } = state.source;
  return idsWithin(rows, range, after)
    .slice(0, PAGE_ROWS)
    .map((id) => {
      const columns = [`{${id}}`, `{${rows[id]!}}`];
      return { rows: 1, bytes: columns.join('').length, last: keyOf(id), columns };
    });
}

function captureStatement(state: State, request: Request): Effect {
  const { source } = state;
  const { args, op } = request;
  switch (op) {
    case 'startCapture':
      return ifPermitted(state, 'source', request, () => startCapture(state, request));
    case 'captures':
      return replyWith(
        state,
        source.captures
          .filter(({ owner, generation }) => owner === args.owner && generation === args.generation)
          .map(({ id, lost }) => ({ table: args.table, id, lost })),
      );
    case 'dirtyPartitions': {
      const captures = args.captures as readonly string[];
      const dirty = captures.filter((id) => source.log.some(({ capture }) => capture === id));
      return replyWith(state, dirty.map((id) => `${id}/0`).sort());
    }
    case 'depth': {
      const entries = source.log.length;
      return replyWith(state, [{ table: args.table, entries, oldestMs: 0 }]);
    }
    case 'readDirty':
      return replyWith(state, readDirty(state, String(args.capture), args.after as string | null));
    case 'forget': {
      const entries = args.entries as readonly string[];
      const log = source.log.filter(
        ({ id, capture }) => capture !== args.capture || !entries.includes(String(id)),
      );
      return replyWith(withSource(state, { log }), null);
    }
    case 'enqueue': {
      if (!source.captures.some(({ id }) => id === args.capture)) return replyWith(state, null);
      const keys = args.keys as readonly string[];
      const added = keys.map((key, index) => ({
        id: source.nextEntry + index,
        capture: String(args.capture),
        key,
      }));
      const nextEntry = source.nextEntry + keys.length;
      return replyWith(withSource(state, { log: [...source.log, ...added], nextEntry }), null);
    }
    default:
      return failed(state, 'UnknownRequest', `the model of the source does not support ${op}`);
  }
}

function startCapture(state: State, { args }: Request): Effect {
  const { captures: started } = state.source;
  const [owner, generation] = [String(args.owner), Number(args.generation)];
  const found = started.find((capture) => capture.owner === owner && capture.generation === generation);
  const id = found?.id ?? captureId(owner, generation);
  const captures = found ? started : [...started, { id, owner, generation, lost: null }];
  return replyWith(withSource(state, { captures }), { table: args.table, id, lost: found?.lost ?? null });
}

/** The database draws ids at random; these are readable. */
export const captureId = (owner: string, generation: number): string =>
  owner === OWNER ? String(generation) : `${owner} ${generation}`;

/** Entries after `after`, grouped by key in the order of first appearance, with the rows that the keys name: one snapshot. */
function readDirty({ source }: State, capture: string, after: string | null) {
  const page = source.log
    .filter((entry) => entry.capture === capture && entry.id > Number(after ?? 0))
    .sort((left, right) => left.id - right.id)
    .slice(0, PAGE_ENTRIES);
  const keys = new Map<string, Entry[]>();
  for (const entry of page) keys.set(entry.key, [...(keys.get(entry.key) ?? []), entry]);
  const rows = [...keys].map(([key, entries]): DirtyRow => {
    const v = source.rows[idOf(key)];
    return {
      entries: entries.map(({ id }) => String(id)),
      key,
      ageMs: 0,
      row: v === undefined ? 'gone' : [String(idOf(key)), String(v)],
    };
  });
  return { rows, next: page.length < PAGE_ENTRIES ? null : String(page.at(-1)!.id) };
}
