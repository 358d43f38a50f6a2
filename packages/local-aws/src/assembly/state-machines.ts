import { readFileSync } from 'node:fs';

import { oneOf, text } from '../aws-json';
import { InvalidDefinitionError } from '../step-functions';
import { readDefinition } from '../step-functions/definition';
import { requireName } from '../step-functions/names';
import { assetOf, type Asset } from './manifest';
import { closed, flag, literals, matching, object, read, refused, single, TAGS } from './shapes';

export interface StateMachineResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** Amazon States Language as JSON text, with every reference resolved. */
  readonly definition: string;
  readonly roleArn: string;
  /** Whether Step Functions delivers logs, which requires permissions of the execution role. */
  readonly logs: boolean;
}

const ONE_VERSION = 'an asset has one version, identified by its key; leave it out';
const KEY = 'key policies are not evaluated; leave the encryption to Step Functions';

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_CloudWatchLogsLogGroup.html */
const LOG_GROUP = matching(/^arn:[^:]+:logs:.*:\*$/, 'the ARN of a log group that ends with :*');

/** Logs and traces are not delivered; they do not affect executions. */
const LOGGING = closed(
  {},
  {
    ...{ Level: oneOf('ALL', 'ERROR', 'FATAL', 'OFF'), IncludeExecutionData: flag },
    Destinations: single(
      closed({ CloudWatchLogsLogGroup: closed({ LogGroupArn: LOG_GROUP }, {}) }, {}),
      'Step Functions accepts one destination',
    ),
  },
);

const STATE_MACHINE = closed(
  { RoleArn: text },
  {
    ...{ StateMachineName: text, StateMachineType: oneOf('STANDARD'), Tags: TAGS },
    ...{ DefinitionString: text, Definition: object, DefinitionSubstitutions: literals },
    DefinitionS3Location: closed({ Bucket: text, Key: text }, { Version: refused(ONE_VERSION) }),
    ...{ LoggingConfiguration: LOGGING, TracingConfiguration: closed({}, { Enabled: flag }) },
    EncryptionConfiguration: closed(
      { Type: oneOf('AWS_OWNED_KEY') },
      { KmsKeyId: refused(KEY), KmsDataKeyReusePeriodSeconds: refused(KEY) },
    ),
  },
);
const DEFINITIONS = ['DefinitionString', 'Definition', 'DefinitionS3Location'] as const;

/** @throws Error with everything in the properties, or in the definition, that is wrong or not supported */
export function readStateMachine(
  identity: { logicalId: string; name: string; arn: string },
  properties: Readonly<Record<string, unknown>>,
  assets: ReadonlyMap<string, Asset>,
): StateMachineResource {
  const given = read(STATE_MACHINE, properties);
  const present = DEFINITIONS.filter((name) => given[name] !== undefined);
  if (present.length !== 1)
    throw new Error(
      `exactly one of ${DEFINITIONS.join(', ')} is required, not ${present.length === 0 ? 'none' : present.join(' and ')}`,
    );
  const { DefinitionS3Location: location, DefinitionSubstitutions: substitutions = {} } = given;
  const definition =
    location === undefined
      ? (given.DefinitionString ?? JSON.stringify(given.Definition))
      : readFileSync(assetOf(assets, location.Key, 'DefinitionS3Location.Key').path, 'utf8');
  const substituted = substitute(definition, substitutions);
  requireName(identity.name);
  checkDefinition(identity.logicalId, substituted);
  const { Level: level = 'OFF', Destinations: destinations = [] } = given.LoggingConfiguration ?? {};
  const logs = level !== 'OFF';
  if (logs && destinations.length === 0)
    throw new Error(
      `LoggingConfiguration.Level is ${level}, without Destinations; add a log group, or set Level to OFF`,
    );
  return { ...identity, definition: substituted, roleArn: given.RoleArn, logs };
}

/** Reports the problems of every definition here, because the service would report one state machine at a time. */
function checkDefinition(logicalId: string, definition: string): void {
  try {
    readDefinition(logicalId, definition);
  } catch (error) {
    if (!(error instanceof InvalidDefinitionError)) throw error;
    throw new Error(error.problems.map((problem) => `definition: ${problem}`).join('; '), { cause: error });
  }
}

/** Replaces each `${key}` of DefinitionSubstitutions; other `${...}` text stays, as in the service. */
function substitute(definition: string, substitutions: Readonly<Record<string, unknown>>): string {
  return definition.replace(/\$\{([^}]+)\}/g, (whole, key: string) =>
    Object.hasOwn(substitutions, key) ? JSON.stringify(String(substitutions[key])).slice(1, -1) : whole,
  );
}
