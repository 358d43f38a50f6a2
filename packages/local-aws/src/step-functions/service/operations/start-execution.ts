import { unsatisfied } from '../constraint';
import type { Operation } from '../operation';
import { epochSeconds } from '../../timestamps';

const TRACE_HEADER_LENGTH_MAX = 256;

export const startExecution: Operation = {
  shape: { stateMachineArn: 'text!', name: 'text', input: 'text', traceHeader: 'text' },
  run(request, { engine }) {
    // It would have an effect on traces, of which there are none here.
    request.length('traceHeader', 0, TRACE_HEADER_LENGTH_MAX);
    const traceHeader = request.text('traceHeader');
    if (/[^\0-\x7f]/.test(traceHeader))
      throw unsatisfied('traceHeader', traceHeader, 'satisfy regular expression pattern: \\p{ASCII}*');
    const input = request.optionalText('input') ?? '{}';
    const { record } = engine.startExecution(
      request.text('stateMachineArn'),
      request.optionalText('name'),
      input,
    );
    return { executionArn: record.executionArn, startDate: epochSeconds(record.startMs) };
  },
};
