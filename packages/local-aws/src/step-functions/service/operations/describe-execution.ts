import { includedData, type Operation } from '../operation';
import { executionView } from '../views';

export const describeExecution: Operation = {
  shape: { executionArn: 'string!', includedData: 'string' },
  run(request, { engine, clock, describeLagMs }) {
    const included = includedData(request);
    const record = engine.registry.execution(request.string('executionArn'));
    const redrivability = engine.describeRedrivability(record);
    return executionView(record, clock.nowMs() - describeLagMs, included, redrivability);
  },
};
