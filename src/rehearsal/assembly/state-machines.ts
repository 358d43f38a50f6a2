import { readFileSync } from 'node:fs';

import type { Asset } from './manifest';
import { propertiesOf } from './properties';

export interface StateMachineResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** Amazon States Language, as JSON text, every reference resolved. */
  readonly definition: string;
  readonly roleArn: string;
}

const KNOWN = [
  ...[
    'StateMachineName',
    'DefinitionString',
    'Definition',
    'DefinitionS3Location',
    'DefinitionSubstitutions',
  ],
  ...['RoleArn', 'StateMachineType'],
];
const HARMLESS = ['EncryptionConfiguration', 'LoggingConfiguration', 'Tags', 'TracingConfiguration'];

export function readStateMachine(
  identity: { logicalId: string; name: string; arn: string },
  properties: Readonly<Record<string, unknown>>,
  assets: ReadonlyMap<string, Asset>,
): StateMachineResource {
  const reader = propertiesOf(properties, KNOWN, HARMLESS);
  const type = reader.optionalText('StateMachineType') ?? 'STANDARD';
  if (type !== 'STANDARD') throw new Error(`a state machine of type ${type}, where STANDARD is run`);
  const definition =
    reader.optionalText('DefinitionString') ??
    (reader.optional('Definition') === undefined
      ? undefined
      : JSON.stringify(reader.optional('Definition'))) ??
    definitionFile(reader.optional('DefinitionS3Location'), assets);
  const substituted = substitute(definition, reader.optional('DefinitionSubstitutions'));
  JSON.parse(substituted);
  return { ...identity, definition: substituted, roleArn: reader.text('RoleArn') };
}

function definitionFile(location: unknown, assets: ReadonlyMap<string, Asset>): string {
  const key = (location as { Key?: unknown } | undefined)?.Key;
  if (typeof key !== 'string')
    throw new Error('none of DefinitionString, Definition, DefinitionS3Location is there');
  const asset = assets.get(key.replace(/\.[a-z]+$/, '').replace(/^.*\//, ''));
  if (asset === undefined)
    throw new Error(`the asset manifest has no asset for DefinitionS3Location.Key ${key}`);
  return readFileSync(asset.path, 'utf8');
}

/** `${key}` in the definition, by DefinitionSubstitutions; other `${...}` text is left, as the service leaves it. */
function substitute(definition: string, substitutions: unknown): string {
  const given = (substitutions ?? {}) as Readonly<Record<string, unknown>>;
  return definition.replace(/\$\{([^}]+)\}/g, (whole, key: string) =>
    Object.hasOwn(given, key) ? JSON.stringify(String(given[key])).slice(1, -1) : whole,
  );
}
