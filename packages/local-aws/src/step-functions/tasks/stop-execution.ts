import { requireAccess } from './require-access';
import { RuntimeFailure } from '../errors';
import { brief, isObject, type Json } from '../json';
import type { Integration } from './integration';
import { checkParameters, serviceEvents } from './integration';
import { failingAs } from './service-failure';

/** `arn:aws:states:::aws-sdk:sfn:stopExecution`. */
export const stopExecution: Integration = {
  matches: (resource) => /^arn:aws[a-z-]*:states:::aws-sdk:sfn:stopExecution$/.test(resource),
  check(fields) {
    checkParameters(fields, ['ExecutionArn'], ['Error', 'Cause'])?.finish();
  },
  label: () => 'aws-sdk:sfn',
  events: (visit, seconds) => serviceEvents(visit, 'aws-sdk:sfn', 'stopExecution', seconds),
  async call(visit) {
    const parameters = isObject(visit.payload) ? visit.payload : {};
    const text = (name: string): string | undefined => optionalText(parameters[name], name);
    const executionArn = text('ExecutionArn') ?? '';
    requireAccess(visit, 'Sfn.SfnException', 'states', 'StopExecution', { executionArn });
    const { stopMs } = failingAs('Sfn', () =>
      visit.engine.stopExecution(executionArn, text('Error'), text('Cause')),
    );
    return { StopDate: new Date(stopMs).toISOString() };
  },
};

function optionalText(value: Json | undefined, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new RuntimeFailure(`The parameter ${name} of stopExecution must be a string, not ${brief(value)}`);
}
