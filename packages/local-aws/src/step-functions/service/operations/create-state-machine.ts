import { Tags } from '../../tags';
import { CONFIGURATION, readingDefinition, requirePlainConfiguration, requireStandard } from '../definitions';
import type { Operation } from '../operation';
import { epochSeconds } from '../../timestamps';

export const createStateMachine: Operation = {
  shape: {
    name: 'text!',
    definition: 'text!',
    roleArn: 'text!',
    type: 'text',
    tags: 'list',
    ...CONFIGURATION,
  },
  run(request, { engine }) {
    requireStandard(request);
    requirePlainConfiguration(request);
    const tags = new Tags();
    tags.add(request.list('tags'));
    const [name, definition, roleArn] = [
      request.text('name'),
      request.text('definition'),
      request.text('roleArn'),
    ];
    const machine = readingDefinition(request, () => engine.machines.create(name, definition, roleArn, tags));
    return { stateMachineArn: machine.stateMachineArn, creationDate: epochSeconds(machine.creationMs) };
  },
};
