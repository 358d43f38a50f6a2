import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import { SettingsRefused } from './errors';

/** One deployment target, as `environments` in cdk.json describes it. */
export interface Environment {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly logRetention: RetentionDays;
}

/** Short enough for every name that carries it; the longest is a function's, 64 characters. */
const NAME = /^[a-z][a-z0-9-]{0,19}$/;
const FIELDS = ['account', 'region', 'logRetentionDays'];
const RETENTION_DAYS = Object.values(RetentionDays).filter((value) => typeof value === 'number');

/**
 * Reads the environment that `-c env=<name>` selects.
 * @throws SettingsRefused with every problem and its remedy
 */
export function readEnvironment(node: Node): Environment {
  const environments = asRecord(node.tryGetContext('environments')) ?? {};
  const known = Object.keys(environments).join(', ') || 'none';
  const name: unknown = node.tryGetContext('env');
  if (name === undefined)
    throw new SettingsRefused(`No environment is selected. Pass -c env=<name>; cdk.json has: ${known}.`);
  if (typeof name !== 'string' || !Object.hasOwn(environments, name))
    throw new SettingsRefused(
      `Environment ${JSON.stringify(name)} is not in cdk.json, which has: ${known}. Pass one of these as -c env=<name>, or add it to "environments".`,
    );
  return parseEnvironment(name, asRecord(environments[name]) ?? {});
}

function parseEnvironment(name: string, fields: Record<string, unknown>): Environment {
  const { account, region, logRetentionDays } = fields;
  const problems = [
    ...(NAME.test(name)
      ? []
      : [`its name must have 1 to 20 lower-case letters, digits and hyphens and start with a letter`]),
    ...(typeof account === 'string' && /^\d{12}$/.test(account)
      ? []
      : [`account is ${JSON.stringify(account)}; give the 12 digits as a string`]),
    ...(typeof region === 'string' && /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)
      ? []
      : [`region is ${JSON.stringify(region)}; give a Region such as "eu-west-1"`]),
    ...(RETENTION_DAYS.includes(logRetentionDays as RetentionDays)
      ? []
      : [
          `logRetentionDays is ${JSON.stringify(logRetentionDays)}; CloudWatch Logs takes ${RETENTION_DAYS.join(', ')}`,
        ]),
    ...Object.keys(fields)
      .filter((field) => !FIELDS.includes(field))
      .map((field) => `unknown field ${JSON.stringify(field)}; known are ${FIELDS.join(', ')}`),
  ];
  if (problems.length > 0)
    throw new SettingsRefused(
      `Environment ${JSON.stringify(name)} in cdk.json is invalid: ${problems.join('; ')}.`,
    );
  return {
    name,
    account: account as string,
    region: region as string,
    logRetention: logRetentionDays as RetentionDays,
  };
}

const asRecord = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
