/** Every wildcard in a policy has a reason recorded at its grant. */
import type { App } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SluiceStack } from '../../lib/stacks/sluice-stack';
import { appFor, endpointsIn, stackIn } from './support';

/** Statements of a role's inline policies, one list per policy. */
interface Policy {
  readonly PolicyDocument?: { readonly Statement: { Action: string | string[]; Resource: unknown }[] };
}

interface Template {
  readonly Resources: Record<
    string,
    {
      readonly Type: string;
      readonly Properties: Policy & { readonly Policies?: readonly Policy[] };
      readonly Metadata: { readonly 'aws:cdk:path': string };
    }
  >;
}

type Metadata = Record<string, { readonly type: string; readonly data: Record<string, string> }[]>;

/** Renders a resource as text; a reference stays as in the template. */
function textOf(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const { 'Fn::Join': join } = resource as { 'Fn::Join'?: [string, unknown[]] };
  return join === undefined ? JSON.stringify(resource) : join[1].map(textOf).join(join[0]);
}

/** Wildcards in policies for which no enclosing construct gives a reason. */
function unexplained(app: App): string[] {
  const { directory } = app.synth();
  const read = <T>(file: string): T => JSON.parse(readFileSync(join(directory, file), 'utf8')) as T;
  const metadata = read<Metadata>('Sluice.metadata.json');
  const reasonsFor = (path: string): string[] =>
    Object.entries(metadata)
      .filter(([scope]) => `/${path}/`.startsWith(`${scope}/`))
      .flatMap(([, entries]) => entries)
      .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
      .flatMap(({ data }) => Object.keys(data));
  return Object.values(read<Template>('Sluice.template.json').Resources)
    .filter(({ Type }) => Type.startsWith('AWS::IAM::'))
    .flatMap(({ Properties, Metadata }) => {
      const path = Metadata['aws:cdk:path'];
      const documents = [Properties, ...(Properties.Policies ?? [])].map((each) => each.PolicyDocument);
      const statements = documents.flatMap((document) => document?.Statement ?? []);
      const wild = statements
        .flatMap(({ Action, Resource }) => [
          ...[Action].flat().map((action) => `Action::${action}`),
          ...[Resource].flat().map((resource) => `Resource::${textOf(resource)}`),
        ])
        .filter((named) => named.includes('*'));
      // A reason given to a role also covers its policy.
      const reasons = reasonsFor(path);
      return wild
        .filter((named) => !reasons.some((reason) => reason.endsWith(`AwsSolutions-IAM5[${named}]`)))
        .map((named) => `${path}: ${named}`);
    });
}

function stackOfDev(change: (stack: SluiceStack) => void = () => undefined): App {
  const app = appFor('dev', { 'aws:cdk:enable-path-metadata': true });
  change(stackIn(app, [endpointsIn('dev')]));
  return app;
}

test('every wildcard is explained where it is granted', () => {
  expect(unexplained(stackOfDev())).toEqual([]);
});

test('a wildcard without a reason is found in actions and resources, wherever it is granted', () => {
  const app = stackOfDev((stack) => {
    const statement = { actions: ['dynamodb:*'], resources: ['arn:aws:dynamodb:*:*:table/*'] };
    stack.abortMachine.machine.addToRolePolicy(new PolicyStatement(statement));
    const everything = () =>
      new PolicyDocument({ statements: [new PolicyStatement({ actions: ['sqs:*'], resources: ['*'] })] });
    const assumedBy = new ServicePrincipal('lambda.amazonaws.com');
    new Role(stack, 'Inline', { assumedBy, inlinePolicies: { all: everything() } });
    new ManagedPolicy(stack, 'Managed', { document: everything() });
  });
  expect(unexplained(app)).toEqual([
    expect.stringMatching(/^Sluice\/Abort\/.*: Action::dynamodb:\*$/),
    expect.stringMatching(/^Sluice\/Abort\/.*: Resource::arn:aws:dynamodb:\*:\*:table\/\*$/),
    ...['Inline', 'Managed'].flatMap((id) =>
      ['Action::sqs:*', 'Resource::*'].map((wild) => `Sluice/${id}/Resource: ${wild}`),
    ),
  ]);
});
