import type { Problem } from '../errors';
import type { Pair } from './facts';
import { chunkNames, columnSubject } from './key-columns';

/** Chunks are read along an index, on both ends; what no range would meet (NULL) cannot be there. */
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
              'chunks are read in its order, and no usable index begins with it',
              'create a btree index that begins with it (CREATE INDEX CONCURRENTLY)',
            ),
          ]),
      ...(isBy && !column.notNull
        ? [problem('chunking.by goes by it, and it may be NULL', 'SET NOT NULL, or chunk by another column')]
        : []),
    ];
  });
