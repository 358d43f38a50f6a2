import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseEndpoint, MigrationEndpoints } from '../../lib/endpoints';
import { readEnvironment } from '../../lib/environment';
import { SluiceStack } from '../../lib/stacks/sluice-stack';

export const ROOT = join(__dirname, '..', '..');

interface Settings {
  readonly context: { readonly environments: Record<string, { account: string; region: string }> };
}

export const SETTINGS = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as Settings;
export const ENVIRONMENTS = Object.keys(SETTINGS.context.environments);

/** Output directory of this test file's apps. */
const scratch = mkdtempSync(join(tmpdir(), 'sluice-synth-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** cdk.json's context without bundling and CloudFormation validation, which app.whole.test.ts covers. */
export const appFor = (environment: string | undefined, context: object = {}): App =>
  new App({
    outdir: mkdtempSync(join(scratch, 'out-')),
    builtinCloudFormationValidation: false,
    context: {
      ...SETTINGS.context,
      'aws:cdk:bundling-stacks': [],
      ...(environment === undefined ? {} : { env: environment }),
      ...context,
    },
  });

const endpointIn = (environment: string, side: string): DatabaseEndpoint => {
  const { account, region } = SETTINGS.context.environments[environment]!;
  const secret = (login: string) =>
    `arn:aws:secretsmanager:${region}:${account}:secret:${side}-${login}-AbCdEf`;
  return {
    clusterArn: `arn:aws:rds:${region}:${account}:cluster:${side}`,
    ownerSecretArn: secret('owner'),
    controlSecretArn: secret('control'),
    workerSecretArn: secret('worker'),
    verifierSecretArn: secret('verifier'),
  };
};

export const endpointsIn = (environment: string): MigrationEndpoints => ({
  migration: 'orders',
  source: endpointIn(environment, 'old'),
  target: endpointIn(environment, 'new'),
});

export const stackIn = (app: App, endpoints: readonly MigrationEndpoints[]): SluiceStack =>
  new SluiceStack(app, 'Sluice', { environment: readEnvironment(app.node), endpoints });

let devTemplate: Template | undefined;

/** The `dev` template with one migration, synthesized once per test file. */
export function templateOfDev(): Template {
  devTemplate ??= Template.fromStack(stackIn(appFor('dev'), [endpointsIn('dev')]));
  return devTemplate;
}

export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
  readonly conditions?: unknown;
}

interface PolicyProperties {
  readonly Roles?: readonly { readonly Ref: string }[];
  readonly PolicyDocument: {
    readonly Statement: readonly { Action: string | string[]; Resource: unknown; Condition?: unknown }[];
  };
}

/** Statements of every policy attached to the role. */
export function statementsOf(template: Template, roleId: string): Statement[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map(
    ({ Properties }) => Properties as PolicyProperties,
  );
  return policies
    .filter(({ Roles }) => Roles?.some(({ Ref }) => Ref === roleId))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .map(({ Action, Resource, Condition }) => ({
      actions: [Action].flat(),
      resources: [Resource].flat(),
      ...(Condition === undefined ? {} : { conditions: Condition }),
    }));
}

interface FunctionProperties {
  readonly FunctionName: string;
  readonly Role: { readonly 'Fn::GetAtt': readonly [string, string] };
}

/** Role of each function, by the function's contract name. */
export function rolesOfFunctions(template: Template): Map<string, string> {
  const functions = Object.values(template.findResources('AWS::Lambda::Function')).map(
    ({ Properties }) => Properties as FunctionProperties,
  );
  return new Map(
    functions.map(({ FunctionName, Role }) => [
      FunctionName.replace('sluice-dev-', ''),
      Role['Fn::GetAtt'][0],
    ]),
  );
}
