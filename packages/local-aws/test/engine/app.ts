/** The engine's test app: an assembly, and the ARNs with which its function reaches the database. */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { join } from 'node:path';

import type { EngineOptions } from '../../src/engine';
import { synthesize, type FixtureApp } from '../assembly/fixture';

export const CLUSTER_ARN = 'arn:aws:rds:eu-central-1:123456789012:cluster:shop';
export const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-abcdef';

export function synthesizeApp(): FixtureApp {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, 'handler.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    keepNames: true,
  });
  return synthesize(outputFiles[0]?.text ?? '', (stack) => {
    const handler = stack.node.findChild('Handler') as LambdaFunction;
    handler.addToRolePolicy(
      new PolicyStatement({ actions: ['rds-data:ExecuteStatement'], resources: [CLUSTER_ARN] }),
    );
    handler.addToRolePolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [SECRET_ARN] }),
    );
    handler.addToRolePolicy(new PolicyStatement({ actions: ['states:ListStateMachines'], resources: ['*'] }));
  });
}

export function optionsFor(app: FixtureApp, login: URL): EngineOptions {
  return {
    assemblyDirectory: app.assemblyDirectory,
    stateDirectory: join(app.directory, 'state'),
    clusters: { [CLUSTER_ARN]: { host: login.hostname, port: Number(login.port) } },
    secrets: { [SECRET_ARN]: { username: login.username, password: login.password } },
  };
}
