import { requireAccess } from './require-access';
import { RuntimeFailure } from '../errors';
import { abbreviate, isObject, type Json } from '../json';
import type { Integration } from './integration';
import { checkParameters, serviceEvents } from './integration';
import { translateServiceErrors } from './service-errors';

/** `arn:aws:states:::aws-sdk:sfn:stopExecution`. */
export const stopExecution: Integration = {
  matches: (resource) => /^arn:aws[a-z-]*:states:::aws-sdk:sfn:stopExecution$/.test(resource),
  check(fields) {
    checkParameters(fields, ['ExecutionArn'], ['Error', 'Cause'])?.rejectUnknownFields();
  },
  label: () => 'aws-sdk:sfn',
  events: (attempt, seconds) => serviceEvents(attempt, 'aws-sdk:sfn', 'stopExecution', seconds),
  async call(attempt) {
    const parameters = isObject(attempt.payload) ? attempt.payload : {};
    const text = (name: string): string | undefined => optionalString(parameters[name], name);
    const executionArn = text('ExecutionArn') ?? '';
    requireAccess(attempt, 'Sfn.SfnException', 'states', 'StopExecution', { executionArn });
    const { stopMs } = translateServiceErrors('Sfn', () =>
      attempt.engine.stopExecution(executionArn, text('Error'), text('Cause')),
    );
    return { StopDate: new Date(stopMs).toISOString() };
  },
};

function optionalString(value: Json | undefined, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new RuntimeFailure(
    `The parameter ${name} of stopExecution must be a string, not ${abbreviate(value)}`,
  );
}
