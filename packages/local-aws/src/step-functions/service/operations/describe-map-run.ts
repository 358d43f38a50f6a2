import type { Operation } from '../operation';
import { mapRunView } from '../views';

export const describeMapRun: Operation = {
  shape: { mapRunArn: 'text!' },
  run: (request, { engine }) => mapRunView(engine.registry.mapRun(request.text('mapRunArn'))),
};
