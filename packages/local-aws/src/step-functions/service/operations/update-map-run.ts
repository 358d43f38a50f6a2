import type { Operation } from '../operation';
import { ServiceError } from '../service-error';

/** Changes the settings of a running Map Run. */
export const updateMapRun: Operation = {
  shape: {
    mapRunArn: 'string!',
    maxConcurrency: 'integer',
    toleratedFailureCount: 'integer',
    toleratedFailurePercentage: 'number',
  },
  run(request, { engine }) {
    const settings = {
      maxConcurrency: request.number('maxConcurrency'),
      toleratedFailureCount: request.number('toleratedFailureCount'),
      toleratedFailurePercentage: request.number('toleratedFailurePercentage'),
    };
    for (const [name, value = 0] of Object.entries(settings)) {
      const max = name === 'toleratedFailurePercentage' ? 100 : Infinity;
      if (value >= 0 && value <= max) continue;
      throw new ServiceError('ValidationException', `'${name}' must be from 0 to ${max}, not ${value}`);
    }
    engine.updateMapRun(request.string('mapRunArn'), settings);
    return {};
  },
};
