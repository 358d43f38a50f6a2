import { constraintViolation } from '../constraint';
import type { Operation } from '../operation';
import { epochSeconds } from '../../timestamps';

const TRACE_HEADER_LENGTH_MAX = 256;

export const startExecution: Operation = {
  shape: { stateMachineArn: 'string!', name: 'string', input: 'string', traceHeader: 'string' },
  run(request, { engine }) {
    // The header is validated, but has no effect: local-aws does not collect traces.
    request.length('traceHeader', 0, TRACE_HEADER_LENGTH_MAX);
    const traceHeader = request.string('traceHeader');
    if (/[^\0-\x7f]/.test(traceHeader))
      throw constraintViolation(
        'traceHeader',
        traceHeader,
        'satisfy regular expression pattern: \\p{ASCII}*',
      );
    const input = request.optionalString('input') ?? '{}';
    const { record } = engine.startExecution(
      request.string('stateMachineArn'),
      request.optionalString('name'),
      input,
    );
    return { executionArn: record.executionArn, startDate: epochSeconds(record.startMs) };
  },
};
