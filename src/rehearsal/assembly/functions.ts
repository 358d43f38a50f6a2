import type { Asset } from './manifest';
import { propertiesOf } from './properties';

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
}

const KNOWN = [
  ...['FunctionName', 'Handler', 'Runtime', 'Code', 'Timeout', 'MemorySize', 'Environment', 'Role'],
  ...['ReservedConcurrentExecutions', 'PackageType', 'Architectures'],
];
const HARMLESS = [
  ...[
    'Architectures',
    'Description',
    'KmsKeyArn',
    'LoggingConfig',
    'RecursiveLoop',
    'RuntimeManagementConfig',
  ],
  ...['Tags', 'TracingConfig'],
];

/** Defaults of the service: 3 s, 128 MB (aws-cdk-lib/aws-lambda Function). */
export function readFunction(
  identity: { logicalId: string; name: string; arn: string },
  properties: Readonly<Record<string, unknown>>,
  assets: ReadonlyMap<string, Asset>,
): FunctionResource {
  const reader = propertiesOf(properties, KNOWN, HARMLESS);
  const runtime = reader.text('Runtime');
  if (!/^nodejs\d+\.x$/.test(runtime)) throw new Error(`the runtime ${runtime} is not a Node.js runtime`);
  const packageType = reader.optionalText('PackageType') ?? 'Zip';
  if (packageType !== 'Zip') throw new Error(`PackageType ${packageType} is not Zip`);
  const reserved = reader.optional('ReservedConcurrentExecutions');
  return {
    ...identity,
    handler: reader.text('Handler'),
    runtime,
    architecture: architectureOf(reader.optional('Architectures')),
    codeDirectory: codeDirectory(reader.optional('Code'), assets),
    timeoutSeconds: reader.number('Timeout', 3),
    memoryMegabytes: reader.number('MemorySize', 128),
    environment: variables(reader.optional('Environment')),
    roleArn: reader.text('Role'),
    reservedConcurrency: reserved === undefined ? undefined : Number(reserved),
  };
}

function architectureOf(architectures: unknown): Architecture {
  const [architecture = 'x86_64'] = (architectures ?? []) as readonly string[];
  if (architecture === 'x86_64' || architecture === 'arm64') return architecture;
  throw new Error(`the architecture ${architecture} is neither x86_64 nor arm64`);
}

function codeDirectory(code: unknown, assets: ReadonlyMap<string, Asset>): string {
  const key = (code as { S3Key?: unknown } | undefined)?.S3Key;
  if (typeof key !== 'string') throw new Error('Code is not an asset (inline code is not run locally)');
  const asset = assets.get(key.replace(/\.[a-z]+$/, '').replace(/^.*\//, ''));
  if (asset === undefined) throw new Error(`the asset manifest has no asset for Code.S3Key ${key}`);
  if (asset.packaging !== 'zip')
    throw new Error(`the asset ${asset.path} is not a directory (${asset.packaging})`);
  return asset.path;
}

function variables(environment: unknown): Record<string, string> {
  const given = (environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {};
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
}
