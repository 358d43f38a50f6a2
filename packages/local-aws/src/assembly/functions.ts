import { oneOf, text } from '../aws-json';
import { assetOf, type Asset } from './manifest';
import { closed, literals, read, refused, single, TAGS, whole } from './shapes';

export type Architecture = 'x86_64' | 'arm64';

export interface FunctionResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** `<module>.<export>`, e.g. `index.begin`. */
  readonly handler: string;
  readonly runtime: string;
  /** Decides the price; locally every function runs on this machine's. */
  readonly architecture: Architecture;
  /** Absolute path of the unpacked asset. */
  readonly codeDirectory: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** The template's variables alone. */
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly reservedConcurrency: number | undefined;
  /** Whether Lambda is to send traces, which takes rights of the role. */
  readonly traces: boolean;
}

const NOT_RUN = 'only code from an asset is run; use Code.fromAsset or NodejsFunction';
const CODE = closed(
  { S3Bucket: text, S3Key: text },
  {
    ...{ ZipFile: refused(NOT_RUN), ImageUri: refused(NOT_RUN) },
    S3ObjectVersion: refused('an asset has one version, which its key names; leave it out'),
  },
);

/** Metrics are read from what functions log, line by line, which the JSON format wraps and filters by level. */
const PLAIN = 'functions log as plain text; leave it out';
const LOGGING = closed(
  {},
  {
    ...{ LogFormat: oneOf('Text'), LogGroup: text },
    ...{ ApplicationLogLevel: refused(PLAIN), SystemLogLevel: refused(PLAIN) },
  },
);

/** Of the patch version of Node.js, which is this machine's. */
const RUNTIME_MANAGEMENT = closed({ UpdateRuntimeOn: oneOf('Auto', 'FunctionUpdate') }, {});

/**
 * Runtimes that Lambda supports: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html. Tags, descriptions,
 * tracing and what Lambda does with loops between its functions and queues change nothing here.
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
    KmsKeyArn: refused('policies of keys are not evaluated; leave the encryption to Lambda'),
  },
);

/** Defaults of the service: 3 s, 128 MB (aws-cdk-lib/aws-lambda Function). */
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
        'give the log group that name',
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
