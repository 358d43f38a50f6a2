import { openRehearsal, type OpenRehearsal } from '../../rehearsal/rehearse';
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
} from '../rehearsal-flags';
import { EXIT, type Terminal } from '../terminal';
import type { Verb } from '../verb';

export const local: Verb = {
  name: 'local',
  summary: 'Runs the deployment of environment dev on this machine until it is interrupted.',
  positionals: [],
  flags: { ...PLAN_FLAGS, ...FAULT_FLAGS, ...LIMIT_FLAGS },
  details: [
    'Prints what to export so that npx sluice start, the AWS CLI and SDK clients talk to it, and connection strings: SLUICE_…_URL as a superuser, SLUICE_…_APP_URL as the application. A directory given with --state is gone on with; without it nothing is left at the end.',
    ...PLAN_DETAILS,
  ],
  async run(given, terminal) {
    const faults = readFaults(given);
    const options = {
      ...readState(given),
      ...readRowLimit(given),
      ...{ plan: readPlan(given), faults, resume: true, keep: false },
    };
    given.check();
    const rehearsal = await openRehearsal(options, portsOf(terminal));
    try {
      introduce(rehearsal, terminal);
      await untilAborted(terminal.interrupted);
      terminal.err('ending');
      return EXIT.ok;
    } finally {
      await rehearsal.close();
    }
  },
};

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

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
    // An abort signal alone keeps no process alive.
    const alive = setInterval(() => undefined, 60_000);
    signal.addEventListener('abort', () => clearInterval(alive), { once: true });
  });
