import type { Operation } from '../operation';
import { epochSeconds } from '../../timestamps';

export const stopExecution: Operation = {
  shape: { executionArn: 'text!', error: 'text', cause: 'text' },
  run(request, { engine }) {
    request.length('error', 0, 256);
    request.length('cause', 0, 32_768);
    const [error, cause] = [request.optionalText('error'), request.optionalText('cause')];
    return {
      stopDate: epochSeconds(engine.stopExecution(request.text('executionArn'), error, cause).stopMs),
    };
  },
};
