/** Finds a stack's template and assets in a cloud assembly (`cdk.out`). Formats: aws-cdk-lib/cloud-assembly-schema. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** One stack of the assembly, before its intrinsic functions are resolved. */
export interface StackFiles {
  readonly stackName: string;
  /** From the stack's environment; undefined for an environment-agnostic stack. */
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly template: Template;
  /** Each asset by its hash, which is also the stem of its S3 key. */
  readonly assets: ReadonlyMap<string, Asset>;
}

export interface Asset {
  /** Absolute path of the directory or the file. */
  readonly path: string;
  readonly packaging: string;
}

export interface Template {
  /** Absent from an empty stack. */
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
  readonly [section: string]: unknown;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly file?: string;
  };
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, { source: { path?: string; packaging?: string } }>>;
  readonly dockerImages?: Readonly<Record<string, unknown>>;
}

/**
 * Reads one stack.
 * @param stackName required if the assembly holds several stacks
 * @throws Error with the names of all stacks if none, or more than one, can be selected
 */
export function readStack(assemblyDirectory: string, stackName?: string): StackFiles {
  const directory = resolve(assemblyDirectory);
  const artifacts = readManifest(directory).artifacts ?? {};
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const nameOf = ([id, artifact]: [string, Artifact]): string => artifact.properties?.stackName ?? id;
  const wanted = stackName === undefined ? stacks : stacks.filter((stack) => nameOf(stack) === stackName);
  const [stack] = wanted;
  if (stack === undefined || wanted.length > 1) {
    const found = stacks.length === 0 ? 'no stack' : `the stacks ${stacks.map(nameOf).join(', ')}`;
    const remedy =
      stackName === undefined ? 'Name the stack to run.' : `Exactly one must be named ${stackName}.`;
    throw new Error(`${directory} holds ${found}. ${stacks.length === 0 ? 'Synthesize it again.' : remedy}`);
  }
  const [, artifact] = stack;
  const templateFile = artifact.properties?.templateFile;
  if (templateFile === undefined)
    throw new Error(`Stack ${nameOf(stack)} in ${directory} has no templateFile.`);
  return {
    stackName: nameOf(stack),
    ...environmentOf(artifact.environment),
    template: readJson<Template>(join(directory, templateFile)),
    assets: readAssets(directory, artifact, artifacts),
  };
}

/**
 * @param key the asset's S3 key, whose stem is the asset's hash
 * @param place the property that holds the key, e.g. `Code.S3Key`
 */
export function assetOf(assets: ReadonlyMap<string, Asset>, key: string, place: string): Asset {
  const asset = assets.get(key.replace(/\.[a-z]+$/, '').replace(/^.*\//, ''));
  if (asset === undefined) throw new Error(`the asset manifest has no asset for ${place} ${key}`);
  return asset;
}

function readManifest(directory: string): Manifest {
  const file = join(directory, 'manifest.json');
  if (!existsSync(file)) {
    throw new Error(`${directory} is not a cloud assembly: it has no manifest.json. Run "cdk synth" first.`);
  }
  return readJson<Manifest>(file);
}

/** `aws://111122223333/eu-west-1`; an agnostic stack has `unknown-account` and `unknown-region`. */
function environmentOf(environment = ''): { account: string | undefined; region: string | undefined } {
  const [account, region] = environment.replace(/^aws:\/\//, '').split('/');
  const known = (part: string | undefined): string | undefined =>
    part === undefined || part === '' || part.startsWith('unknown-') ? undefined : part;
  return { account: known(account), region: known(region) };
}

function readAssets(
  directory: string,
  stack: Artifact,
  artifacts: Readonly<Record<string, Artifact>>,
): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const id of stack.dependencies ?? []) {
    const { type, properties } = artifacts[id] ?? { type: 'missing' };
    if (type !== 'cdk:asset-manifest' || properties?.file === undefined) continue;
    const { files = {}, dockerImages = {} } = readJson<AssetManifest>(join(directory, properties.file));
    if (Object.keys(dockerImages).length > 0) {
      throw new Error(`${properties.file} declares container images; the local engine runs zip assets only.`);
    }
    for (const [hash, { source }] of Object.entries(files)) {
      if (source.path === undefined) throw new Error(`Asset ${hash} in ${properties.file} has no path.`);
      assets.set(hash, { path: resolve(directory, source.path), packaging: source.packaging ?? 'file' });
    }
  }
  return assets;
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
