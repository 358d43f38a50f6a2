import { openRehearsal } from '../../rehearsal/rehearse';
import { PLAN_DETAILS, PLAN_FLAGS, portsOf, readPlan, readState } from '../rehearsal-flags';
import { EXIT } from '../terminal';
import type { Verb } from '../verb';

export const local: Verb = {
  name: 'local',
  summary: 'Runs the deployment of environment dev on this machine until it is interrupted.',
  positionals: [],
  flags: PLAN_FLAGS,
  details: [
    'Prints what to export so that npx sluice start, the AWS CLI and SDK clients talk to it. A directory given with --state is gone on with.',
    ...PLAN_DETAILS,
  ],
  async run(given, terminal) {
    const options = { ...readState(given), plan: readPlan(given), resume: true, keep: false };
    given.check();
    const rehearsal = await openRehearsal(options, portsOf(terminal));
    try {
      const { engine, servers, migration } = rehearsal;
      const variables = {
        ...engine.environment,
        SLUICE_SOURCE_URL: servers.source.adminUrl,
        SLUICE_TARGET_URL: servers.target.adminUrl,
      };
      for (const [name, value] of Object.entries(variables)) terminal.out(`export ${name}=${quoted(value)}`);
      terminal.err(`ready. In another shell, export these, then: npx sluice start ${migration.name}`);
      await untilAborted(terminal.interrupted);
      terminal.err('ending');
      return EXIT.ok;
    } finally {
      await rehearsal.close();
    }
  },
};

/** Plain where a shell takes it as it is. */
const quoted = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
    // An abort signal alone keeps no process alive.
    const alive = setInterval(() => undefined, 60_000);
    signal.addEventListener('abort', () => clearInterval(alive), { once: true });
  });
