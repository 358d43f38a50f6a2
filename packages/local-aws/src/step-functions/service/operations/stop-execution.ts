import type { Operation } from '../operation';
import { epochSeconds } from '../../timestamps';

export const stopExecution: Operation = {
  shape: { executionArn: 'string!', error: 'string', cause: 'string' },
  run(request, { engine }) {
    request.length('error', 0, 256);
    request.length('cause', 0, 32_768);
    const [error, cause] = [request.optionalString('error'), request.optionalString('cause')];
    return {
      stopDate: epochSeconds(engine.stopExecution(request.string('executionArn'), error, cause).stopMs),
    };
  },
};
