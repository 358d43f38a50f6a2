import { RuntimeFailure } from './errors';
import type { Expression } from './intrinsic-syntax';
import { parseIntrinsic } from './intrinsic-syntax';
import { FUNCTIONS, invalidArguments, type Randomness } from './intrinsic-functions';
import { ownValue, type Json } from './json';
import { LIMITS } from './limits';
import type { Roots } from './paths';
import { parsePath, resolvePath } from './paths';

export interface Evaluation extends Roots, Randomness {}

/** Lists what makes the expression invalid: its syntax, unknown functions, wrong numbers of arguments. */
export function findIntrinsicProblems(text: string, checkPath: (path: string) => void): string[] {
  const problems: string[] = [];
  let calls = 0;
  const visit = (expression: Expression): void => {
    if (expression.kind === 'path') checkPath(expression.text);
    if (expression.kind !== 'call') return;
    calls += 1;
    const intrinsic = ownValue(FUNCTIONS, expression.name);
    if (!intrinsic) {
      problems.push(
        `intrinsic function ${expression.name} is not supported (supported: ${Object.keys(FUNCTIONS).join(', ')})`,
      );
    } else if (
      expression.args.length < intrinsic.argumentsMin ||
      expression.args.length > intrinsic.argumentsMax
    ) {
      problems.push(`${expression.name} got ${expression.args.length} arguments in '${text}'`);
    }
    expression.args.forEach(visit);
  };
  try {
    visit(parseIntrinsic(text));
  } catch (error) {
    problems.push((error as Error).message);
  }
  if (calls > LIMITS.intrinsicsPerFieldMax)
    problems.push(
      `'${text}' has ${calls} intrinsic functions; a field may have ${LIMITS.intrinsicsPerFieldMax}`,
    );
  return problems;
}

/** Evaluates an intrinsic function or a path. `field` is the name of the field, for errors. */
export function evaluate(text: string, evaluation: Evaluation, field: string): Json {
  return text.startsWith('$')
    ? resolvePath(text, evaluation, field)
    : value(parseIntrinsic(text), evaluation, field);
}

function value(expression: Expression, evaluation: Evaluation, field: string): Json {
  if (expression.kind === 'literal') return expression.value;
  if (expression.kind === 'text') return expression.raw.replace(/\\(.)/gs, '$1');
  if (expression.kind === 'path') return resolvePath(parsePath(expression.text).text, evaluation, field);
  const { name } = expression;
  const intrinsic = ownValue(FUNCTIONS, name);
  if (!intrinsic) throw new RuntimeFailure(`The intrinsic function ${name} is not supported`);
  const args = expression.args.map((arg, index) =>
    // States.Format itself resolves the escapes of its template, because an escaped brace is not a placeholder.
    name === 'States.Format' && index === 0
      ? template(arg, evaluation, field)
      : value(arg, evaluation, field),
  );
  if (args.length < intrinsic.argumentsMin)
    return invalidArguments(name, `${intrinsic.argumentsMin} arguments`, args);
  return intrinsic.call(args, evaluation);
}

/** Returns the template of States.Format. In one that is data, only braces are escaped. */
function template(arg: Expression, evaluation: Evaluation, field: string): Json {
  if (arg.kind === 'text') return arg.raw;
  const given = value(arg, evaluation, field);
  return typeof given === 'string' ? given.replace(/\\(?![{}])/g, '\\\\') : given;
}
