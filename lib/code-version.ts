import { Duration, Stack } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { StateGraph } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { createHash } from 'node:crypto';
import { functionRows } from '../src/contract/lifecycle';
import { compile } from './workflows/compile';
import type { Invoked, MachineTable, Parts } from './workflows/parts';

const CHARACTERS = 16;
/** Placeholder for what differs between deployments of the same code. */
const ANY = 'any';

/**
 * The code version of a deployment: a hash of the functions' bundle and of the machines that the lifecycle compiles to. The same
 * code has the same version in every environment.
 */
export function codeVersionOf(bundleHash: string, tables: readonly MachineTable[]): string {
  const text = JSON.stringify([bundleHash, ...tables.map(compiledText)]);
  return createHash('sha256').update(text).digest('hex').slice(0, CHARACTERS);
}

/** A machine's states, with placeholders for names, ARNs and the code version, so that the hash does not contain itself. */
function compiledText(table: MachineTable): string {
  const stack = new Stack(undefined, ANY, { env: { account: '000000000000', region: 'eu-west-1' } });
  const functions = new Map(
    functionRows().map(({ name, size }): [string, Invoked] => {
      const version = LambdaFunction.fromFunctionName(stack, name, name);
      return [name, { version, timeout: Duration.seconds(size.timeoutSeconds) }];
    }),
  );
  const parts: Parts = {
    ...{ environmentName: ANY, code: ANY },
    functions: { get: (name) => functions.get(name)! },
    machine: (name) => ({ machineArn: ANY, versionArn: name }),
  };
  const first = compile(new Construct(stack, 'States'), parts, table);
  const graph = new StateGraph(first, table.name);
  graph.timeout = Duration.seconds(table.timeoutSeconds);
  return JSON.stringify(stack.resolve(graph.toGraphJson()));
}
