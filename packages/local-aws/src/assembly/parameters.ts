/** Parameters of a template: only those whose value is in it, since nobody is there to give another. */
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

/** The CDK's own; its rule alone may refer to it, as its value is read from Parameter Store. */
const isBootstrapVersion = (name: string, { Type: type }: Partial<Given>): boolean =>
  name === 'BootstrapVersion' && type === 'AWS::SSM::Parameter::Value<String>';

/** What is wrong with a parameter, each with its name. */
export function parameterProblems(name: string, given: unknown): string[] {
  if (isRecord(given) && isBootstrapVersion(name, given)) return [];
  return problemsOf(given).map((problem) => `Parameter ${name}: ${problem}`);
}

/** @throws Error that says why there is none */
export function parameterValue(name: string, given: unknown): string | number {
  const problems = problemsOf(given);
  if (problems.length > 0) throw new Error(`of the parameter ${name}, ${problems.join('; ')}`);
  const { Type: type, Default: value } = given as Given;
  if (value === undefined) throw new Error(`the parameter ${name} has no Default; write its value there`);
  return type === 'Number' ? Number(value) : String(value);
}

function problemsOf(given: unknown): string[] {
  const problems: string[] = [];
  PARAMETER.check(given, '', problems);
  if (problems.length > 0) return problems;
  const parameter = given as Given;
  const { Type: type, Default: value } = parameter;
  if (type !== 'String' && type !== 'Number')
    return [`Type ${type} is not supported, only String and Number are; put the value into the CDK app`];
  return value === undefined ? [] : constraintProblems(parameter, String(value));
}

function constraintProblems(parameter: Given, value: string): string[] {
  const { Type: type, AllowedValues: allowed, AllowedPattern: pattern } = parameter;
  const broken = (constraint: string, limit: unknown): string =>
    `Default ${JSON.stringify(value)} breaks ${constraint} ${JSON.stringify(limit)}`;
  // CloudFormation refers to a number as it is written, so that 1.50 is not 1.5.
  if (type === 'Number' && !(NUMERAL.test(value) && String(Number(value)) === value))
    return [`Default ${JSON.stringify(value)} is not a number in its shortest form`];
  const { MinLength = 0, MaxLength = Infinity, MinValue = -Infinity, MaxValue = Infinity } = parameter;
  const [shortest, longest, least, most] = [MinLength, MaxLength, MinValue, MaxValue].map(Number);
  return [
    ...(allowed === undefined || allowed.filter(isLiteral).map(String).includes(value)
      ? []
      : [broken('AllowedValues', allowed)]),
    ...(pattern === undefined || fits(pattern, value) ? [] : [broken('AllowedPattern', pattern)]),
    ...(value.length >= shortest! ? [] : [broken('MinLength', MinLength)]),
    ...(value.length <= longest! ? [] : [broken('MaxLength', MaxLength)]),
    ...(type !== 'Number' || Number(value) >= least! ? [] : [broken('MinValue', MinValue)]),
    ...(type !== 'Number' || Number(value) <= most! ? [] : [broken('MaxValue', MaxValue)]),
  ];
}

/** The pattern must fit the whole value. One that is not understood fits nothing. */
function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return false;
  }
}
