/** Independent checkers accept the stack, and every suppressed finding has a reason. */
import { Validations, type Stack } from 'aws-cdk-lib';
import validate from 'asl-validator';
import { AwsSolutionsChecks } from 'cdk-nag';
import { definitionOf } from './definitions';
import { appFor, endpointsIn, stackIn, templateOfDev } from './support';

const ACKNOWLEDGED = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;

interface Acknowledgement {
  readonly path: string;
  /** Rule and resource, e.g. `AwsSolutions-IAM5[Resource::*]`. */
  readonly finding: string;
  readonly reason: string;
}

const acknowledgementsIn = (stack: Stack): Acknowledgement[] =>
  stack.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === ACKNOWLEDGED)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .map(([id, reason]) => ({ path: node.path, finding: id.replace(/^Annotation::/, ''), reason })),
  );

/** Findings of a stack that suppresses none. */
function findingsWithout(): Pick<Acknowledgement, 'path' | 'finding'>[] {
  const acknowledging = jest.spyOn(Validations.prototype, 'acknowledge').mockReturnValue();
  const app = appFor('dev');
  stackIn(app, [endpointsIn('dev')]);
  acknowledging.mockRestore();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  try {
    app.synth();
    return [];
  } catch (error) {
    const found = (error as Error).message.matchAll(
      /^ +(Sluice\/\S+) .*\n +Acknowledge with 'AwsSolutions::(.*)'$/gm,
    );
    return [...found].map(([, path = '', finding = '']) => ({ path, finding }));
  }
}

test('cdk-nag: every suppressed finding exists, names its resource and has a reason', () => {
  const acknowledged = acknowledgementsIn(stackIn(appFor('dev'), [endpointsIn('dev')]));
  const found = findingsWithout();
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(acknowledged.filter(({ reason }) => !/^[A-Z].{30,}\.$/s.test(reason))).toEqual([]);
  expect(acknowledged.filter(({ finding }) => finding === 'AwsSolutions-IAM5')).toEqual([]);
  const isThere = (of: Acknowledgement): boolean =>
    found.some(({ path, finding }) => finding === of.finding && path.startsWith(`${of.path}/`));
  expect(acknowledged.filter((each) => !isThere(each))).toEqual([]);
});

test('asl-validator: every definition is valid', () => {
  const template = templateOfDev();
  const machines = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
  const names = machines.map(
    ({ Properties }) => (Properties as { StateMachineName: string }).StateMachineName,
  );
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const verdict = validate(structuredClone(definitionOf(template, name)));
    expect([name, verdict.isValid ? '' : verdict.errorsText('\n')]).toEqual([name, '']);
  }
});
