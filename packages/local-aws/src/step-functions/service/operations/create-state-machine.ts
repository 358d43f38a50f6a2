import { Tags } from '../../tags';
import {
  CONFIGURATION,
  withDefinitionErrors,
  requireDefaultConfiguration,
  requireStandard,
} from '../configuration';
import type { Operation } from '../operation';
import { epochSeconds } from '../../timestamps';

export const createStateMachine: Operation = {
  shape: {
    name: 'string!',
    definition: 'string!',
    roleArn: 'string!',
    type: 'string',
    tags: 'list',
    ...CONFIGURATION,
  },
  run(request, { engine }) {
    requireStandard(request);
    requireDefaultConfiguration(request);
    const tags = new Tags();
    tags.add(request.list('tags'));
    const [name, definition, roleArn] = [
      request.string('name'),
      request.string('definition'),
      request.string('roleArn'),
    ];
    const machine = withDefinitionErrors(request, () =>
      engine.machines.create(name, definition, roleArn, tags),
    );
    return { stateMachineArn: machine.stateMachineArn, creationDate: epochSeconds(machine.creationMs) };
  },
};
