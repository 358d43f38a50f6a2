import { includedData, type Operation } from '../operation';
import { executionView } from '../views';

export const describeExecution: Operation = {
  shape: { executionArn: 'text!', includedData: 'text' },
  run(request, { engine, clock, describeLagMs }) {
    const included = includedData(request);
    const record = engine.registry.execution(request.text('executionArn'));
    const redrivability = engine.redriveOf(record);
    return executionView(record, clock.nowMs() - describeLagMs, included, redrivability);
  },
};
