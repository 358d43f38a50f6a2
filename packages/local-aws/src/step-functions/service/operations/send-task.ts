import type { Operation } from '../operation';

export const sendTaskSuccess: Operation = {
  shape: { taskToken: 'string!', output: 'string!' },
  run(request, { engine }) {
    engine.tokens.succeed(request.string('taskToken'), request.string('output'));
    return {};
  },
};

export const sendTaskFailure: Operation = {
  shape: { taskToken: 'string!', error: 'string', cause: 'string' },
  run(request, { engine }) {
    request.length('error', 0, 256);
    request.length('cause', 0, 32_768);
    engine.tokens.fail(
      request.string('taskToken'),
      request.optionalString('error'),
      request.optionalString('cause'),
    );
    return {};
  },
};

export const sendTaskHeartbeat: Operation = {
  shape: { taskToken: 'string!' },
  run(request, { engine }) {
    engine.tokens.heartbeat(request.string('taskToken'));
    return {};
  },
};
