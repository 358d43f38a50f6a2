import type { Operation } from '../operation';
import { mapRunView } from '../views';

export const describeMapRun: Operation = {
  shape: { mapRunArn: 'string!' },
  run: (request, { engine }) => mapRunView(engine.registry.mapRun(request.string('mapRunArn'))),
};
