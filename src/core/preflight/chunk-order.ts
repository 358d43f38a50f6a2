import type { Problem } from '../errors';
import type { Pair } from './facts';
import { chunkNames, columnSubject } from './key-columns';

/** Requires an index that reads chunks in order on both ends, and a first column without NULLs, which no range contains. */
export const chunkOrder = (pair: Pair): Problem[] =>
  chunkNames(pair).flatMap(({ end, names }) => {
    const [first] = names;
    const column = end.table.columns.find((candidate) => candidate.name === first);
    if (!first || !column) return [];
    const led = end.table.indexes.some(
      (index) => index.usable && !index.partial && index.columns[0] === first,
    );
    const isBy = pair.mapping.chunking.by !== undefined;
    const problem = (found: string, remedy: string): Problem => ({
      check: 'chunk-order',
      subject: columnSubject(end, first),
      found,
      remedy,
    });
    return [
      ...(led
        ? []
        : [
            problem(
              'chunks are read in the order of this column, but no usable index starts with it',
              'Create a btree index that starts with it (CREATE INDEX CONCURRENTLY)',
            ),
          ]),
      ...(isBy && !column.notNull
        ? [
            problem(
              'chunking.by names this column, but it may be NULL',
              'SET NOT NULL, or choose another column in chunking.by',
            ),
          ]
        : []),
    ];
  });
