/** Flags shared by `rehearse`, `local` and `chaos`. */
import { resolve } from 'node:path';
import { Operator } from './operator';
import { FAULTS, isFault, STOPPING_FAULTS, SURVIVABLE_FAULTS, type Fault } from '../rehearsal/faults';
import type { OpenOptions, Ports, RehearsalPlan } from '../rehearsal/rehearse';
import { ENVIRONMENT, PLAN_DEFAULTS } from '../rehearsal/rehearse';
import type { Arguments, Flag, Positional } from './arguments';
import { loadMigration, migrationNames, PROJECT_ROOT } from './definitions';
import type { Terminal } from './terminal';

export const PLAN_FLAGS: Readonly<Record<string, Flag>> = {
  migration: {
    value: 'NAME',
    description: `the definition in migrations/ to rehearse (default: ${PLAN_DEFAULTS.migration})`,
  },
  rows: {
    value: 'N',
    description: `size of the source, as rehearsal.sql defines it (default: ${PLAN_DEFAULTS.rows})`,
  },
  seed: {
    value: 'N',
    description: `the same rows and seed produce the same source (default: ${PLAN_DEFAULTS.seed})`,
  },
  state: {
    value: 'DIR',
    description: 'keep everything in this directory (default: a temporary one, removed at the end)',
  },
  'source-url': {
    value: 'URL',
    description: 'use this PostgreSQL server as the source instead of an embedded one',
  },
  'target-url': { value: 'URL', description: 'the same for the target' },
};

export const FAULT_FLAGS: Readonly<Record<string, Flag>> = {
  faults: {
    value: 'all|NAME,…',
    description: `faults to inject, at moments that --seed decides: ${FAULTS.join(', ')}; all: every one except ${STOPPING_FAULTS.join(' and ')}`,
  },
};

export const LIMIT_FLAGS: Readonly<Record<string, Flag>> = {
  'row-limit': {
    value: 'on|off',
    description:
      'off: the Data API returns rows above 64 KiB, as one of two contradictory AWS pages says (default: on)',
  },
};

export const TEMPLATE_FLAGS: Readonly<Record<string, Flag>> = {
  template: {
    value: 'DIR',
    description: 'cache the parts common to all rehearsals here: the synthesized app and an empty server',
  },
};

export const PLAN_DETAILS: readonly string[] = [
  'A URL (postgres://superuser:password@host:port/database) names a superuser on a disposable server, and the database to use there, which replaces the name in the definition. Both databases may be on one server. Existing tables are used unchanged; otherwise migrations/<name>/rehearsal.sql creates them. The roles app_owner, app, sluice_owner and sluice_worker are created if missing; existing ones get new passwords.',
];

const ROWS_MAX = 1_000_000_000;
const SEED_MAX = 1_000_000_000;

/** Shorthand for `--migration`. */
export const MIGRATION_POSITIONAL: Positional = {
  name: 'migration',
  description: `the same as --migration`,
  optional: true,
};

/** Reads only the flags given; the others have defaults, or come from the state directory. */
export function readPlan(given: Arguments): Partial<RehearsalPlan> {
  const migration = readMigration(given);
  const [rows, seed] = [given.wholeNumber('rows', 1, ROWS_MAX), given.wholeNumber('seed', 0, SEED_MAX)];
  const [sourceUrl, targetUrl] = [readUrl(given, 'source-url'), readUrl(given, 'target-url')];
  return {
    ...(migration === undefined ? {} : { migration }),
    ...(rows === undefined ? {} : { rows }),
    ...(seed === undefined ? {} : { seed }),
    ...(sourceUrl === undefined ? {} : { sourceUrl }),
    ...(targetUrl === undefined ? {} : { targetUrl }),
  };
}

/** Reads the faults to inject; empty without the flag. */
export function readFaults(given: Arguments): Fault[] {
  const text = given.text('faults') ?? '';
  if (text === '') return [];
  const names = text
    .split(',')
    .flatMap((name): readonly string[] => (name === 'all' ? SURVIVABLE_FAULTS : [name]));
  if (names.includes(''))
    given.refuse(`--faults is ${JSON.stringify(text)} and has an empty name; separate names with one comma`);
  const unknown = names.filter((name) => name !== '' && !isFault(name));
  if (unknown.length > 0) given.refuse(`--faults names ${unknown.join(', ')}; use all, ${FAULTS.join(', ')}`);
  return [...new Set(names.filter(isFault))];
}

export function readRowLimit(given: Arguments): Pick<OpenOptions, 'rowLimit'> {
  const word = given.text('row-limit') ?? 'on';
  if (word === 'on' || word === 'off') return { rowLimit: word === 'on' ? 'enforced' : 'off' };
  given.refuse(`--row-limit is ${JSON.stringify(word)}; give on or off`);
  return {};
}

export function readTemplate(given: Arguments): Pick<OpenOptions, 'templatePath'> {
  const path = given.text('template');
  return path === undefined ? {} : { templatePath: resolve(path) };
}

export function readMigration(given: Arguments): string | undefined {
  const [flag, word] = [given.text('migration'), given.positional(MIGRATION_POSITIONAL.name)];
  const known = migrationNames();
  if (flag !== undefined && word !== '' && flag !== word)
    given.refuse(`--migration is ${flag}, but the argument is ${JSON.stringify(word)}; give one of them`);
  const migration = flag ?? (word === '' ? undefined : word);
  if (migration !== undefined && !known.includes(migration))
    given.refuse(
      `${flag === undefined ? '<migration>' : '--migration'} is ${JSON.stringify(migration)}; migrations/ has ${known.join(', ')}`,
    );
  return migration;
}

function readUrl(given: Arguments, flag: string): string | undefined {
  const text = given.text(flag);
  if (text === undefined || text === '') return undefined;
  const wanted = 'give postgres://superuser:password@host:port/database';
  try {
    const url = new URL(text);
    const problems = [
      ...(['postgres:', 'postgresql:'].includes(url.protocol) ? [] : [`has the scheme ${url.protocol}`]),
      ...(url.hostname === '' ? ['has no host'] : []),
      ...(url.username === '' ? ['has no user'] : []),
      ...(url.pathname.length < 2 ? ['has no database'] : []),
    ];
    for (const problem of problems) given.refuse(`--${flag} ${problem}; ${wanted}`);
  } catch {
    // The value is not shown: it may contain a password.
    given.refuse(`--${flag} is not a URL; ${wanted}`);
  }
  return text;
}

/** Reads the state directory, if one is given. */
export function readState(given: Arguments): Pick<OpenOptions, 'projectRoot' | 'statePath'> {
  const statePath = given.text('state');
  return { projectRoot: PROJECT_ROOT, ...(statePath === undefined ? {} : { statePath }) };
}

export const portsOf = (terminal: Terminal): Ports => ({
  loadMigration,
  operatorOf: (variables, environment) => operatorAt(variables, environment),
  note: (line) => terminal.err(line),
  now: () => terminal.now(),
  sleep: (ms) => terminal.sleep(ms),
  interrupted: terminal.interrupted,
});

/** Creates an operator that talks to a local engine. @param variables as in `Engine.environment` */
function operatorAt(variables: Readonly<Record<string, string>>, environment = ENVIRONMENT): Operator {
  const variable = (name: string): string => {
    const value = variables[name];
    if (value === undefined) throw new Error(`the engine's environment has no ${name}`);
    return value;
  };
  return new Operator({
    environment,
    settings: {
      region: variable('AWS_REGION'),
      credentials: {
        accessKeyId: variable('AWS_ACCESS_KEY_ID'),
        secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
      },
    },
    endpoints: {
      sfn: variable('AWS_ENDPOINT_URL_SFN'),
      dynamodb: variable('AWS_ENDPOINT_URL_DYNAMODB'),
    },
  });
}
