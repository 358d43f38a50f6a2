import { problemsOf, readTemplate, withProperties, withResources, RESOURCES } from './template';

test('reads the supported properties of a function', () => {
  const { functions } = readTemplate(
    withProperties('Worker', {
      ...{ Timeout: '20', MemorySize: 256, Architectures: ['arm64'], ReservedConcurrentExecutions: 0 },
      Environment: { Variables: { TEXT: 'a', NUMBER: 1.5, FLAG: true, TABLE: { Ref: 'Items' } } },
      ...{ PackageType: 'Zip', Description: 'x', Tags: [{ Key: 'a', Value: 'b' }], RecursiveLoop: 'Allow' },
      LoggingConfig: { LogFormat: 'Text', LogGroup: { Ref: 'Logs' } },
      RuntimeManagementConfig: { UpdateRuntimeOn: 'Auto' },
      ...{ TracingConfig: { Mode: 'Active' }, Runtime: 'nodejs22.x' },
    }),
  );
  expect(functions).toEqual([
    expect.objectContaining({
      ...{ logicalId: 'Worker', name: 'worker', runtime: 'nodejs22.x', timeoutSeconds: 20 },
      ...{ memoryMegabytes: 256, architecture: 'arm64', reservedConcurrency: 0 },
      environment: { TEXT: 'a', NUMBER: '1.5', FLAG: 'true', TABLE: 'items' },
      roleArn: 'arn:aws:iam::111122223333:role/hand-WorkerRole',
      traces: true,
    }),
  ]);
});

const RUNTIMES = 'Runtime must be one of nodejs22.x, nodejs24.x, not';

test.each<[string, object, string]>([
  ['a runtime that Lambda no longer supports', { Runtime: 'nodejs12.x' }, `${RUNTIMES} "nodejs12.x"`],
  ['another language', { Runtime: 'python3.13' }, `${RUNTIMES} "python3.13"`],
  ['an image', { PackageType: 'Image' }, 'PackageType must be one of Zip, not "Image"'],
  [
    'a word as concurrency',
    { ReservedConcurrentExecutions: 'abc' },
    'must be a whole number of at least 0, not "abc"',
  ],
  [
    'an empty concurrency',
    { ReservedConcurrentExecutions: '' },
    'must be a whole number of at least 0, not ""',
  ],
  [
    'a negative concurrency',
    { ReservedConcurrentExecutions: -1 },
    'ReservedConcurrentExecutions must be a whole number',
  ],
  [
    'a fractional concurrency',
    { ReservedConcurrentExecutions: 1.5 },
    'ReservedConcurrentExecutions must be a whole number',
  ],
  ['a fractional timeout', { Timeout: 0.5 }, 'Timeout must be a whole number of at least 1, not 0.5'],
  [
    'a word as memory size',
    { MemorySize: 'large' },
    'MemorySize must be a whole number of at least 1, not "large"',
  ],
  [
    'a variable that is a list',
    { Environment: { Variables: { LIST: ['a'] } } },
    'Environment.Variables.LIST must be a string, a number or a Boolean, not ["a"]',
  ],
  [
    'an unknown member of Environment',
    { Environment: { Variabels: {} } },
    'Environment.Variabels ({}) has no local counterpart: leave it out',
  ],
  [
    'a version of the code',
    { Code: { S3Bucket: 'assets', S3Key: 'code.zip', S3ObjectVersion: '3' } },
    'Code.S3ObjectVersion ("3") has no local counterpart: an asset has one version',
  ],
  [
    'inline code',
    { Code: { ZipFile: 'exports.handler = 1' } },
    'Code.ZipFile ("exports.handler = 1") has no local counterpart: only code from an asset can be run',
  ],
  [
    'code from another bucket',
    { Code: { S3Bucket: 'shop', S3Key: 'other.zip' } },
    'the asset manifest has no asset for Code.S3Key other.zip',
  ],
  [
    'code in a single file',
    { Code: { S3Bucket: 'assets', S3Key: 'definition.json' } },
    'definition.json is not a directory (file)',
  ],
  [
    'two architectures',
    { Architectures: ['arm64', 'x86_64'] },
    'Architectures must have one item, not 2: a function runs on one architecture',
  ],
  [
    'another architecture',
    { Architectures: ['sparc'] },
    'Architectures[0] must be one of x86_64, arm64, not "sparc"',
  ],
  [
    'the JSON log format',
    { LoggingConfig: { LogFormat: 'JSON' } },
    'LoggingConfig.LogFormat must be one of Text, not "JSON"',
  ],
  [
    'a log level',
    { LoggingConfig: { ApplicationLogLevel: 'WARN' } },
    'LoggingConfig.ApplicationLogLevel ("WARN") has no local counterpart: functions log as plain text',
  ],
  [
    'a log group of another name',
    { LoggingConfig: { LogGroup: '/shop/logs' } },
    'LoggingConfig.LogGroup /shop/logs has no local counterpart: the function logs to /aws/lambda/worker; give the log',
  ],
  [
    'a runtime version',
    { RuntimeManagementConfig: { UpdateRuntimeOn: 'Manual', RuntimeVersionArn: 'arn' } },
    'RuntimeManagementConfig.UpdateRuntimeOn must be one of Auto, FunctionUpdate, not "Manual"; RuntimeManagementConfig.RuntimeVersionArn ("arn")',
  ],
  [
    'a KMS key',
    { KmsKeyArn: 'arn' },
    'KmsKeyArn ("arn") has no local counterpart: key policies are not evaluated',
  ],
  ['layers', { Layers: ['arn'] }, 'Layers (["arn"]) has no local counterpart: leave it out'],
  ['a VPC', { VpcConfig: {} }, 'VpcConfig ({}) has no local counterpart'],
  ['a dead-letter queue', { DeadLetterConfig: {} }, 'DeadLetterConfig ({}) has no local counterpart'],
  ['a malformed name', { FunctionName: { a: 1 } }, 'FunctionName must be a string, not {"a":1}'],
])('%s is refused', (_what, properties, problem) => {
  const [first] = problemsOf(withProperties('Worker', properties));
  expect(first).toMatch(/^Worker \(AWS::Lambda::Function\): /);
  expect(first).toContain(problem);
});

test('reports all problems of a function at once, and nothing else', () => {
  const wrong = { Runtime: 'nodejs20.x', Timeout: 'x', Layers: [] };
  expect(problemsOf(withProperties('Worker', wrong))).toEqual([
    `Worker (AWS::Lambda::Function): ${RUNTIMES} "nodejs20.x"; Timeout must be a whole number of at least 1, not "x"; Layers ([]) has no local counterpart: leave it out`,
  ]);
});

test('two functions with one name are refused', () => {
  expect(problemsOf(withResources({ Twin: RESOURCES.Worker }))).toEqual([
    'Twin (AWS::Lambda::Function): its name worker is also the name of Worker; choose another name',
  ]);
});
