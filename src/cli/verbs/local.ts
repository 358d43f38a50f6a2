import {
  accessText,
  Denials,
  openRehearsal,
  writeAccess,
  type OpenRehearsal,
} from '../../rehearsal/rehearse';
import { appUrl } from '../../rehearsal/rehearse/open';
import {
  FAULT_FLAGS,
  LIMIT_FLAGS,
  PLAN_DETAILS,
  PLAN_FLAGS,
  portsOf,
  readFaults,
  readPlan,
  readRowLimit,
  readState,
  readTemplate,
  TEMPLATE_FLAGS,
} from '../rehearsal-flags';
import { OutputLost } from '../failures';
import { EXIT, type Terminal } from '../terminal';
import type { Verb } from '../verb';

export const local: Verb = {
  name: 'local',
  summary: 'Runs the deployment of environment dev on this machine until it is interrupted.',
  positionals: [],
  flags: { ...PLAN_FLAGS, ...FAULT_FLAGS, ...LIMIT_FLAGS, ...TEMPLATE_FLAGS },
  details: [
    'Prints what to export so that npx sluice start, the AWS CLI and SDK clients talk to it, and connection strings: SLUICE_…_URL as a superuser, SLUICE_…_APP_URL as the application. A directory given with --state is gone on with, and gets access.json at the end; without it nothing is left.',
    'Every denied call is told when it happens. A signal (Ctrl-C, a closed terminal) ends it, and everything that it started; another one two seconds later or more ends it at once.',
    ...PLAN_DETAILS,
  ],
  async run(given, terminal) {
    const faults = readFaults(given);
    const options = {
      ...readState(given),
      ...readRowLimit(given),
      ...readTemplate(given),
      ...{ plan: readPlan(given), faults, resume: true, keep: false },
    };
    given.check();
    const rehearsal = await openRehearsal(options, portsOf(terminal));
    try {
      introduce(rehearsal, terminal);
      await watchAccess(rehearsal, options.statePath, terminal);
      return terminal.interrupted.reason instanceof OutputLost ? EXIT.failed : EXIT.ok;
    } finally {
      await rehearsal.close();
    }
  },
};

/** How long a denial may be unknown to whoever watches. */
const LOOK_MS = 1_000;

/** What a shell may have that is stronger than what is exported, or contradicts it. */
const UNSET = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
];

/** For a shell on stdout, for people on stderr; passwords are on stdout alone. */
function introduce(rehearsal: OpenRehearsal, terminal: Terminal): void {
  const { engine, servers, migration } = rehearsal;
  const variables = {
    ...engine.environment,
    SLUICE_SOURCE_URL: servers.source.adminUrl,
    SLUICE_TARGET_URL: servers.target.adminUrl,
    SLUICE_SOURCE_APP_URL: appUrl(rehearsal, 'source'),
    SLUICE_TARGET_APP_URL: appUrl(rehearsal, 'target'),
  };
  terminal.out(`unset ${UNSET.join(' ')}`);
  for (const [name, value] of Object.entries(variables)) {
    terminal.out(`export ${name}=${quoted(value)}`);
    if (/URL/.test(name)) terminal.err(`  ${name.padEnd(27)} ${withoutPassword(value)}`);
  }
  terminal.err(`ready. In another shell, export these, then: npx sluice start ${migration.name}`);
}

/** Plain where a shell takes it as it is. */
const quoted = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;

function withoutPassword(text: string): string {
  const url = new URL(text);
  if (url.password === '') return text;
  url.password = '***';
  return url.toString();
}

/** Until the end: tells what is denied when it is, and at last what was, and what was granted for nothing. */
async function watchAccess(
  { engine, directory }: OpenRehearsal,
  statePath: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const denials = new Denials(engine, { note: (line) => terminal.err(line), now: () => terminal.now() });
  while (!terminal.interrupted.aborted) {
    await denials.tell();
    await terminal.sleep(LOOK_MS).catch(() => undefined);
  }
  terminal.err('ending');
  await denials.tell();
  const report = await engine.access();
  if (statePath !== undefined) writeAccess(directory.access(), report);
  terminal.err(
    accessText(report, statePath === undefined ? 'access.json, with --state DIR,' : directory.access()),
  );
}
