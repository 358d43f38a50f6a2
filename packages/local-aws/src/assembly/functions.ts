import { oneOf, text } from '../aws-json';
import { assetOf, type Asset } from './manifest';
import { closed, literals, read, refused, single, TAGS, whole } from './shapes';

export type Architecture = 'x86_64' | 'arm64';

export interface FunctionResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** `<module>.<export>`, e.g. `index.handler`. */
  readonly handler: string;
  readonly runtime: string;
  /** Determines the price. Every function runs on this machine's architecture. */
  readonly architecture: Architecture;
  /** Absolute path of the unpacked asset. */
  readonly codeDirectory: string;
  /** S3 key of the asset, which changes with its content. */
  readonly codeKey: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** The variables in the template, without those that Lambda sets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly reservedConcurrency: number | undefined;
  /** Whether Lambda sends traces, which requires permissions of the execution role. */
  readonly traces: boolean;
}

const NOT_AN_ASSET = 'only code from an asset can be run; use Code.fromAsset or NodejsFunction';
const CODE = closed(
  { S3Bucket: text, S3Key: text },
  {
    ...{ ZipFile: refused(NOT_AN_ASSET), ImageUri: refused(NOT_AN_ASSET) },
    S3ObjectVersion: refused('an asset has one version, identified by its key; leave it out'),
  },
);

/** Metrics are extracted from log lines. The JSON format would wrap these lines, and filter them by level. */
const PLAIN_TEXT = 'functions log as plain text; leave it out';
const LOGGING = closed(
  {},
  {
    ...{ LogFormat: oneOf('Text'), LogGroup: text },
    ...{ ApplicationLogLevel: refused(PLAIN_TEXT), SystemLogLevel: refused(PLAIN_TEXT) },
  },
);

/** Selects the patch version of Node.js; here it is this machine's. */
const RUNTIME_MANAGEMENT = closed({ UpdateRuntimeOn: oneOf('Auto', 'FunctionUpdate') }, {});

/**
 * Runtimes that Lambda supports: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html. Tags, descriptions,
 * tracing and Lambda's detection of recursive loops have no effect here.
 */
const FUNCTION = closed(
  { Handler: text, Runtime: oneOf('nodejs22.x', 'nodejs24.x'), Code: CODE, Role: text },
  {
    ...{ FunctionName: text, Timeout: whole(1), MemorySize: whole(1), PackageType: oneOf('Zip') },
    ...{ Environment: closed({}, { Variables: literals }), LoggingConfig: LOGGING },
    Architectures: single(oneOf('x86_64', 'arm64'), 'a function runs on one architecture'),
    ReservedConcurrentExecutions: whole(),
    ...{ Description: text, Tags: TAGS, RecursiveLoop: oneOf('Allow', 'Terminate') },
    ...{ RuntimeManagementConfig: RUNTIME_MANAGEMENT },
    TracingConfig: closed({ Mode: oneOf('Active', 'PassThrough') }, {}),
    KmsKeyArn: refused('key policies are not evaluated; leave the encryption to Lambda'),
  },
);

/** Applies the defaults of the service: 3 s, 128 MB (aws-cdk-lib/aws-lambda Function). */
export function readFunction(
  identity: { logicalId: string; name: string; arn: string },
  properties: Readonly<Record<string, unknown>>,
  assets: ReadonlyMap<string, Asset>,
): FunctionResource {
  const given = read(FUNCTION, properties);
  const { Timeout = 3, MemorySize = 128, ReservedConcurrentExecutions: reserved, LoggingConfig } = given;
  const [architecture = 'x86_64'] = given.Architectures ?? [];
  const logGroup = `/aws/lambda/${identity.name}`;
  if ((LoggingConfig?.LogGroup ?? logGroup) !== logGroup)
    throw new Error(
      `LoggingConfig.LogGroup ${LoggingConfig?.LogGroup} has no local counterpart: the function logs to ${logGroup}; ` +
        'give the log group this name',
    );
  const asset = assetOf(assets, given.Code.S3Key, 'Code.S3Key');
  if (asset.packaging !== 'zip')
    throw new Error(`the asset ${asset.path} is not a directory (${asset.packaging})`);
  return {
    ...identity,
    handler: given.Handler,
    runtime: given.Runtime,
    architecture,
    codeDirectory: asset.path,
    codeKey: given.Code.S3Key,
    timeoutSeconds: Number(Timeout),
    memoryMegabytes: Number(MemorySize),
    environment: Object.fromEntries(
      Object.entries(given.Environment?.Variables ?? {}).map(([name, value]) => [name, String(value)]),
    ),
    roleArn: given.Role,
    reservedConcurrency: reserved === undefined ? undefined : Number(reserved),
    traces: given.TracingConfig?.Mode === 'Active',
  };
}
