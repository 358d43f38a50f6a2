import type { Flow } from '../../../src/core/flow';
import type { End } from '../../../src/core/ends';
import type { World } from '../../../src/core/world';
import { overriding } from '../../support/world';
import type { Worker } from './steps';

/** The ends as a worker uses them: every call is a step, and its response may be lost. */
export function flowFor(worker: Worker, { ends }: World): Pick<Flow, 'from' | 'to'> {
  const faulty = <T extends object>(port: T): T => worker.port(port, true);
  const { reader, log } = small(ends.source);
  return {
    from: { ...ends.source, reader: faulty(reader), log: faulty(log) },
    to: { ...ends.target, writer: faulty(ends.target.writer), leases: faulty(ends.target.leases) },
  };
}

/** Pages of a few rows, so that there are many; texts of more than a few bytes are large. */
function small({ reader, log }: End): Pick<End, 'reader' | 'log'> {
  return {
    reader: overriding(reader, {
      readPage: (layout, range, after, size) =>
        reader.readPage(layout, range, after, { ...size, rowsMax: 2, groupRows: 1, groupBytesMax: 150 }),
    }),
    log: overriding(log, {
      readDirty: (layout, capture, partition, after, size) =>
        log.readDirty(layout, capture, partition, after, { ...size, entriesMax: 4, rowBytesMax: 150 }),
    }),
  };
}
