import { readDefinition } from '../../definition';
import { DefinitionRefused, type Problem } from '../../errors';
import { notWithin } from '../constraint';
import { requireStandard } from '../definitions';
import type { Operation } from '../operation';

const DIAGNOSTICS_MAX = 100;

/** Every diagnostic is an ERROR: what would be refused at creation. */
export const validateStateMachineDefinition: Operation = {
  shape: { definition: 'text!', type: 'text', severity: 'text', maxResults: 'number' },
  run(request) {
    requireStandard(request);
    request.oneOf('severity', ['ERROR', 'WARNING']);
    const most = request.number('maxResults') ?? 0;
    if (most < 0 || most > DIAGNOSTICS_MAX) throw notWithin('maxResults', most, 0, DIAGNOSTICS_MAX);
    const problems = problemsOf(request.text('definition'));
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
    if (error instanceof DefinitionRefused) return error.diagnostics;
    throw error;
  }
}
