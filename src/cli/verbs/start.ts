import { ENVIRONMENT, MIGRATION, operatorOf, readTarget } from '../migration-verbs';
import { EXIT } from '../terminal';
import type { Verb } from '../verb';

export const start: Verb = {
  name: 'start',
  summary: 'Starts a deployed migration.',
  positionals: [MIGRATION],
  flags: { env: ENVIRONMENT },
  details: [
    'Starts an execution of the state machine Migration and returns immediately. The execution refuses to run concurrently with another one of the same migration.',
  ],
  async run(given, terminal) {
    const target = readTarget(given);
    given.check();
    const execution = await operatorOf(target).startMigration({ migration: target.migration });
    terminal.out(`started ${execution}`);
    terminal.out(`watch it with: npx sluice status ${target.migration} --env ${target.environment}`);
    return EXIT.ok;
  },
};
