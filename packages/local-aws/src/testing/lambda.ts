import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { FunctionResource, FunctionState } from '../assembly';
import { startLambdaHost, type LambdaHost, type LambdaHostOptions } from '../lambda';

/** The bundle of the test functions: plain CommonJS, as in an asset. */
const BUNDLE = `
class OutOfStock extends Error { constructor(m) { super(m); this.name = 'OutOfStock'; } }
let calls = 0;
exports.echo = async (event) => event;
exports.count = async () => ({ pid: process.pid, calls: ++calls });
exports.variables = async () => process.env;
exports.context = async (_event, context) => {
  const remainingMs = context.getRemainingTimeInMillis();
  return { ...context, remainingMs };
};
exports.failsByName = async () => { throw new OutOfStock('3 items'); };
exports.notAnError = async () => { throw 'text'; };
exports.hang = async () => { console.log('hanging in', process.pid); for (;;); };
exports.sleep = async (event) => { await new Promise((done) => setTimeout(done, event.ms)); return { pid: process.pid }; };
exports.leave = async () => process.exit(7);
exports.killed = async () => { process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}); };
exports.reject = async () => { Promise.reject(new Error('unhandled')); await new Promise(() => {}); };
exports.eatHeap = async () => { const all = []; for (;;) all.push(new Array(1000).fill({}).map(() => ({}))); };
exports.eatBuffers = async () => { const all = []; for (;;) { all.push(Buffer.alloc(10e6, 1)); await new Promise((done) => setTimeout(done, 10)); } };
exports.eatBusily = async () => { const all = []; for (;;) { all.push(Buffer.alloc(1e6, 1)); const until = Date.now() + 4; while (Date.now() < until); } };
exports.large = async (event) => 'x'.repeat(event.bytes);
exports.callback = (event, context, callback) => callback(null, 1);
exports.synchronous = () => 1;
exports.failing = async (event, context) => { require('fs').appendFileSync(event.file, context.awsRequestId + '\\n'); throw new Error('never'); };
exports.note = async (event, context) => require('fs').appendFileSync(event.file, context.awsRequestId + '\\n');
exports.writeLater = async (event) => { await new Promise((done) => setTimeout(done, event.ms)); require('fs').writeFileSync(event.file, 'done'); };
`;

export interface LambdaFixture {
  readonly host: LambdaHost;
  readonly stateDirectory: string;
  readonly close: () => Promise<void>;
}

export async function startLambdaFixture(
  functions: Readonly<Record<string, Partial<FunctionResource>>>,
  options: Partial<LambdaHostOptions> = {},
): Promise<LambdaFixture> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'local-aws-lambda-'));
  writeFileSync(join(stateDirectory, 'index.js'), BUNDLE);
  const host = await startLambdaHost({
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, changes]) => [
        name,
        functionState({ ...resource(name, stateDirectory), ...changes }),
      ]),
    ),
    region: 'eu-west-1',
    stateDirectory,
    endpoints: () => ({ AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' }),
    ...options,
  });
  const close = async (): Promise<void> => {
    await host.close();
    rmSync(stateDirectory, { recursive: true });
  };
  return { host, stateDirectory, close };
}

/** A function with published versions, by number, and the version of each alias. */
export const functionState = (
  latest: FunctionResource,
  versions: Readonly<Record<string, FunctionResource>> = {},
  aliases: Readonly<Record<string, string>> = {},
): FunctionState => ({
  latest,
  versions: Object.fromEntries(
    Object.entries(versions).map(([number, version]) => [
      number,
      { resource: version, codeHash: number, configuration: number, description: undefined },
    ]),
  ),
  aliases: Object.fromEntries(
    Object.entries(aliases).map(([name, version]) => [name, { version, description: undefined }]),
  ),
});

function resource(name: string, codeDirectory: string): FunctionResource {
  return {
    logicalId: name,
    name,
    arn: `arn:aws:lambda:eu-west-1:111122223333:function:${name}`,
    handler: `index.${name}`,
    runtime: 'nodejs24.x',
    architecture: 'arm64',
    codeDirectory,
    codeKey: 'code.zip',
    timeoutSeconds: 10,
    memoryMegabytes: 256,
    environment: {},
    roleArn: 'arn:aws:iam::111122223333:role/none',
    reservedConcurrency: undefined,
    traces: false,
  };
}
