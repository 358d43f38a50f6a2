import type { Operation } from '../operation';

export const sendTaskSuccess: Operation = {
  shape: { taskToken: 'text!', output: 'text!' },
  run(request, { engine }) {
    engine.tokens.succeed(request.text('taskToken'), request.text('output'));
    return {};
  },
};

export const sendTaskFailure: Operation = {
  shape: { taskToken: 'text!', error: 'text', cause: 'text' },
  run(request, { engine }) {
    request.length('error', 0, 256);
    request.length('cause', 0, 32_768);
    engine.tokens.fail(
      request.text('taskToken'),
      request.optionalText('error'),
      request.optionalText('cause'),
    );
    return {};
  },
};

export const sendTaskHeartbeat: Operation = {
  shape: { taskToken: 'text!' },
  run(request, { engine }) {
    engine.tokens.heartbeat(request.text('taskToken'));
    return {};
  },
};
