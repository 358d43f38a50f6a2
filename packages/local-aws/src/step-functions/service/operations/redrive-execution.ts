import type { Operation } from '../operation';
import { epochSeconds } from '../../timestamps';
import { ServiceError } from '../service-error';

export const redriveExecution: Operation = {
  shape: { executionArn: 'string!', clientToken: 'string' },
  run(request, { engine }) {
    const token = request.optionalString('clientToken');
    if (token !== undefined && !/^[!-~]{1,64}$/.test(token)) {
      throw new ServiceError(
        'ValidationException',
        `'clientToken' must have 1 to 64 visible ASCII characters, not '${token}'`,
      );
    }
    const { redriveMs } = engine.redriveExecution(request.string('executionArn'), token);
    return { redriveDate: epochSeconds(redriveMs) };
  },
};
