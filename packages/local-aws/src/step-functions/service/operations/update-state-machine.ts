import { CONFIGURATION, withDefinitionErrors, requireDefaultConfiguration } from '../configuration';
import type { Operation } from '../operation';
import { epochSeconds } from '../../timestamps';

export const updateStateMachine: Operation = {
  shape: { stateMachineArn: 'string!', definition: 'string', roleArn: 'string', ...CONFIGURATION },
  run(request, { engine }) {
    requireDefaultConfiguration(request);
    const [definition, roleArn] = [request.optionalString('definition'), request.optionalString('roleArn')];
    const { updateMs, revisionId } = withDefinitionErrors(request, () =>
      engine.machines.update(request.string('stateMachineArn'), definition, roleArn),
    );
    return { updateDate: epochSeconds(updateMs), revisionId };
  },
};
