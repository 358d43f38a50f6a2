import { readDefinition } from '../../definition';
import { DefinitionRefused } from '../../errors';
import { requireStandard } from '../definitions';
import type { Operation } from '../operation';
import { ServiceError } from '../service-error';

const DIAGNOSTICS_MAX = 100;

/** Every diagnostic is an ERROR: what would be refused at creation. */
export const validateStateMachineDefinition: Operation = {
  shape: { definition: 'text!', type: 'text', severity: 'text', maxResults: 'number' },
  run(request) {
    requireStandard(request);
    request.oneOf('severity', ['ERROR', 'WARNING']);
    const most = request.number('maxResults') ?? 0;
    if (most < 0 || most > DIAGNOSTICS_MAX) {
      throw new ServiceError(
        'ValidationException',
        `maxResults must be from 0 to ${DIAGNOSTICS_MAX}, not ${most}`,
      );
    }
    const problems = problemsOf(request.text('definition'));
    const told = problems.slice(0, most || DIAGNOSTICS_MAX);
    return {
      result: problems.length === 0 ? 'OK' : 'FAIL',
      diagnostics: told.map((message) => ({ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message })),
      truncated: told.length < problems.length,
    };
  },
};

function problemsOf(definition: string): readonly string[] {
  try {
    readDefinition('validated', definition);
    return [];
  } catch (error) {
    if (error instanceof DefinitionRefused) return error.problems;
    throw error;
  }
}
