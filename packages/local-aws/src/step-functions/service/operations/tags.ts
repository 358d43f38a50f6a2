import type { Tags } from '../../tags';
import type { Operation, ServiceContext } from '../operation';
import { ServiceError } from '../service-error';
import type { Request } from '../request';

export const tagResource: Operation = {
  shape: { resourceArn: 'string!', tags: 'list!' },
  run(request, context) {
    tagsOf(request, context).add(request.list('tags'));
    return {};
  },
};

export const untagResource: Operation = {
  shape: { resourceArn: 'string!', tagKeys: 'list!' },
  run(request, context) {
    tagsOf(request, context).remove(request.list('tagKeys'));
    return {};
  },
};

export const listTagsForResource: Operation = {
  shape: { resourceArn: 'string!' },
  run: (request, context) => ({ tags: tagsOf(request, context).list() }),
};

function tagsOf(request: Request, { engine }: ServiceContext): Tags {
  const arn = request.string('resourceArn');
  try {
    return engine.machines.get(arn).tags;
  } catch (error) {
    if (!(error instanceof ServiceError) || error.type !== 'StateMachineDoesNotExist') throw error;
    throw new ServiceError('ResourceNotFound', `Resource not found: '${arn}'`);
  }
}
