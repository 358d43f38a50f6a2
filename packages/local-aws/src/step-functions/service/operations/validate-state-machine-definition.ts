import { readDefinition } from '../../definition';
import { InvalidDefinitionError, type Problem } from '../../errors';
import { outOfRange } from '../constraint';
import { requireStandard } from '../configuration';
import type { Operation } from '../operation';

const DIAGNOSTICS_MAX = 100;

/** Reports as ERROR what CreateStateMachine would refuse. There are no warnings. */
export const validateStateMachineDefinition: Operation = {
  shape: { definition: 'string!', type: 'string', severity: 'string', maxResults: 'integer' },
  run(request) {
    requireStandard(request);
    request.oneOf('severity', ['ERROR', 'WARNING']);
    const max = request.number('maxResults') ?? 0;
    if (max < 0 || max > DIAGNOSTICS_MAX) throw outOfRange('maxResults', max, 0, DIAGNOSTICS_MAX);
    const problems = problemsOf(request.string('definition'));
    const returned = problems.slice(0, max || DIAGNOSTICS_MAX);
    return {
      result: problems.length === 0 ? 'OK' : 'FAIL',
      diagnostics: returned.map(diagnostic),
      truncated: returned.length < problems.length,
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
