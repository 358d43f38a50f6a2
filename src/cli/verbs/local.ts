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
    'Prints variables to export: the endpoints, so that npx sluice start, the AWS CLI and SDK clients reach the deployment, and connection strings (SLUICE_…_URL for a superuser, SLUICE_…_APP_URL for the application). With --state, continues from that directory and writes access.json there at the end; without it, leaves no files.',
    'Reports each denied call when it happens. A signal (Ctrl-C, a closed terminal) stops the deployment. Repeated signals within two seconds are ignored; a later one exits immediately.',
    ...PLAN_DETAILS,
  ],
  async run(given, terminal) {
    const faults = readFaults(given);
    const options = {
      ...readState(given),
      ...readRowLimit(given),
      ...readTemplate(given),
      ...{ plan: readPlan(given), faults, resume: 'if-present' as const, keep: false },
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

/** Interval between two checks for denials. */
const POLL_MS = 1_000;

/** Variables of the shell that would override or contradict the exported ones. */
const UNSET = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
];

/** Prints the exports for a shell on stdout and a summary for people on stderr; only stdout has passwords. */
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

/** Quotes a value where a shell needs it. */
const quoted = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;

function withoutPassword(text: string): string {
  const url = new URL(text);
  if (url.password === '') return text;
  url.password = '***';
  return url.toString();
}

/** Reports denied calls until the interruption, then every denied call and every unused permission. */
async function watchAccess(
  { engine, directory }: OpenRehearsal,
  statePath: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const denials = new Denials(engine, { note: (line) => terminal.err(line), now: () => terminal.now() });
  while (!terminal.interrupted.aborted) {
    await denials.report();
    await terminal.sleep(POLL_MS).catch(() => undefined);
  }
  terminal.err('ending');
  await denials.report();
  const report = await engine.access();
  if (statePath !== undefined) writeAccess(directory.access(), report);
  terminal.err(
    accessText(report, statePath === undefined ? 'access.json, with --state DIR,' : directory.access()),
  );
}
