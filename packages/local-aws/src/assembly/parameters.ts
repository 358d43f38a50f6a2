/** Reads the parameters of a template. Each needs a default, because no deployment passes another value. */
import { isRecord, list, text, type Shape } from '../aws-json';
import { closed, flag, isLiteral, literal, whole } from './shapes';

const NUMERAL = /^-?\d+(\.\d+)?$/;
const PARAMETER = closed(
  { Type: text },
  {
    ...{ Default: literal, Description: text, ConstraintDescription: text, NoEcho: flag },
    ...{ AllowedValues: list(literal), AllowedPattern: text, MinLength: whole(), MaxLength: whole() },
    ...{ MinValue: literal, MaxValue: literal },
  },
);
type Given = typeof PARAMETER extends Shape<infer T> ? T : never;

/** The CDK adds this parameter. Only its rule may refer to it, because its value is in Parameter Store. */
const isBootstrapVersion = (name: string, { Type: type }: Partial<Given>): boolean =>
  name === 'BootstrapVersion' && type === 'AWS::SSM::Parameter::Value<String>';

/** Lists the problems of a parameter, each with its name. */
export function parameterProblems(name: string, given: unknown): string[] {
  if (isRecord(given) && isBootstrapVersion(name, given)) return [];
  return problemsOf(given).map((problem) => `Parameter ${name}: ${problem}`);
}

/** @throws Error with the reason if the parameter has no usable value */
export function parameterValue(name: string, given: unknown): string | number {
  const problems = problemsOf(given);
  if (problems.length > 0) throw new Error(`the parameter ${name} is not usable: ${problems.join('; ')}`);
  const { Type: type, Default: value } = given as Given;
  if (value === undefined) throw new Error(`the parameter ${name} has no Default; set Default to its value`);
  return type === 'Number' ? Number(value) : String(value);
}

function problemsOf(given: unknown): string[] {
  const problems: string[] = [];
  PARAMETER.check(given, '', problems);
  if (problems.length > 0) return problems;
  const parameter = given as Given;
  const { Type: type, Default: value } = parameter;
  if (type !== 'String' && type !== 'Number')
    return [`Type ${type} is not supported; use String or Number, or put the value into the CDK app`];
  return value === undefined ? [] : constraintProblems(parameter, String(value));
}

function constraintProblems(parameter: Given, value: string): string[] {
  const { Type: type, AllowedValues: allowed, AllowedPattern: pattern } = parameter;
  const broken = (constraint: string, limit: unknown): string =>
    `Default ${JSON.stringify(value)} breaks ${constraint} ${JSON.stringify(limit)}`;
  // CloudFormation substitutes a number as it is written: 1.50 stays 1.50.
  if (type === 'Number' && !(NUMERAL.test(value) && String(Number(value)) === value))
    return [
      `Default ${JSON.stringify(value)} is not a number in its shortest form; write it like 1.5, not 1.50`,
    ];
  const { MinLength = 0, MaxLength = Infinity, MinValue = -Infinity, MaxValue = Infinity } = parameter;
  const [shortest, longest, least, most] = [MinLength, MaxLength, MinValue, MaxValue].map(Number);
  return [
    ...(allowed === undefined || allowed.filter(isLiteral).map(String).includes(value)
      ? []
      : [broken('AllowedValues', allowed)]),
    ...(pattern === undefined || matchesWhole(pattern, value) ? [] : [broken('AllowedPattern', pattern)]),
    ...(value.length >= shortest! ? [] : [broken('MinLength', MinLength)]),
    ...(value.length <= longest! ? [] : [broken('MaxLength', MaxLength)]),
    ...(type !== 'Number' || Number(value) >= least! ? [] : [broken('MinValue', MinValue)]),
    ...(type !== 'Number' || Number(value) <= most! ? [] : [broken('MaxValue', MaxValue)]),
  ];
}

/** Whether the pattern matches the whole value. An invalid pattern matches nothing. */
function matchesWhole(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return false;
  }
}
