import { PAGED, type Operation } from '../operation';
import { descending, paginate } from '../paging';
import { mapRunItem } from '../views';

export const listMapRuns: Operation = {
  shape: { executionArn: 'string!', ...PAGED },
  run(request, { engine, clock }) {
    const { executionArn } = engine.registry.execution(request.string('executionArn'));
    const runs = [...engine.registry.mapRuns.values()].filter((run) => run.executionArn === executionArn);
    const listing = `mapRuns ${executionArn}`;
    const keyOf = ({ sequence }: { sequence: number }): string => descending(sequence);
    const { items, ...next } = paginate(request, listing, clock.nowMs(), runs, keyOf);
    return { mapRuns: items.map(mapRunItem), ...next };
  },
};
