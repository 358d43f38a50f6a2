import { machineItem } from '../machine-views';
import { PAGED, type Operation } from '../operation';
import { paginate } from '../paging';

export const listStateMachines: Operation = {
  shape: PAGED,
  run(request, { engine, clock }) {
    const all = engine.machines.all();
    const { items, ...next } = paginate(request, 'stateMachines', clock.nowMs(), all, ({ name }) => name);
    return { stateMachines: items.map(machineItem), ...next };
  },
};
