import { CONFIGURATION, readingDefinition, requirePlainConfiguration } from '../definitions';
import type { Operation } from '../operation';
import { epochSeconds } from '../../timestamps';

export const updateStateMachine: Operation = {
  shape: { stateMachineArn: 'text!', definition: 'text', roleArn: 'text', ...CONFIGURATION },
  run(request, { engine }) {
    requirePlainConfiguration(request);
    const [definition, roleArn] = [request.optionalText('definition'), request.optionalText('roleArn')];
    const { updateMs, revisionId } = readingDefinition(request, () =>
      engine.machines.update(request.text('stateMachineArn'), definition, roleArn),
    );
    return { updateDate: epochSeconds(updateMs), revisionId };
  },
};
