import { readDefinition } from '../../definition';
import { InvalidDefinitionError, type Problem } from '../../errors';
import { outOfRange } from '../constraint';
import { requireStandard } from '../configuration';
import type { Operation } from '../operation';

const DIAGNOSTICS_MAX = 100;

/** Every diagnostic is an ERROR: what would be refused at creation. */
export const validateStateMachineDefinition: Operation = {
  shape: { definition: 'string!', type: 'string', severity: 'string', maxResults: 'integer' },
  run(request) {
    requireStandard(request);
    request.oneOf('severity', ['ERROR', 'WARNING']);
    const most = request.number('maxResults') ?? 0;
    if (most < 0 || most > DIAGNOSTICS_MAX) throw outOfRange('maxResults', most, 0, DIAGNOSTICS_MAX);
    const problems = problemsOf(request.string('definition'));
    const told = problems.slice(0, most || DIAGNOSTICS_MAX);
    return {
      result: problems.length === 0 ? 'OK' : 'FAIL',
      diagnostics: told.map(diagnostic),
      truncated: told.length < problems.length,
    };
  },
};

const diagnostic = ({ message, location, unreadable }: Problem): object => ({
  severity: 'ERROR',
  code: unreadable ? 'INVALID_JSON_DESCRIPTION' : 'SCHEMA_VALIDATION_FAILED',
  message,
  ...(location === undefined ? {} : { location }),
});

function problemsOf(definition: string): readonly Problem[] {
  try {
    readDefinition('validated', definition);
    return [];
  } catch (error) {
    if (error instanceof InvalidDefinitionError) return error.diagnostics;
    throw error;
  }
}
