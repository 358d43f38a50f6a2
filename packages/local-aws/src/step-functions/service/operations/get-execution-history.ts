import type { HistoryEvent } from '../../history';
import { PAGED, type Operation } from '../operation';
import { ascending, descending, paginate } from '../paging';

export const getExecutionHistory: Operation = {
  shape: { executionArn: 'string!', reverseOrder: 'boolean', includeExecutionData: 'boolean', ...PAGED },
  run(request, { engine, clock }) {
    const { events, executionArn } = engine.registry.execution(request.string('executionArn'));
    const reverse = request.boolean('reverseOrder', false);
    const listing = `history ${executionArn} ${reverse}`;
    const keyOf = ({ id }: HistoryEvent): string => (reverse ? descending(id) : ascending(id));
    const { items, ...next } = paginate(request, listing, clock.nowMs(), events, keyOf);
    const withData = request.boolean('includeExecutionData', true);
    return { events: withData ? items : items.map(withoutData), ...next };
  },
};

const DATA_FIELDS = [
  ...['input', 'inputDetails', 'output', 'outputDetails', 'parameters'],
  ...['assignedVariables', 'assignedVariablesDetails'],
];

function withoutData(event: HistoryEvent): object {
  const entries = Object.entries(event).map(([key, value]): [string, unknown] => {
    if (typeof value !== 'object' || value === null) return [key, value];
    return [key, Object.fromEntries(Object.entries(value).filter(([name]) => !DATA_FIELDS.includes(name)))];
  });
  return Object.fromEntries(entries);
}
