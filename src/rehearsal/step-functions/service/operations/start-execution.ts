import { seconds, type Operation } from '../operation';

export const startExecution: Operation = {
  shape: { stateMachineArn: 'text!', name: 'text', input: 'text', traceHeader: 'text' },
  run(request, { engine }) {
    const input = request.optionalText('input') ?? '{}';
    const { record } = engine.startExecution(
      request.text('stateMachineArn'),
      request.optionalText('name'),
      input,
    );
    return { executionArn: record.executionArn, startDate: seconds(record.startMs) };
  },
};
