import type { RequestedSettings } from '../../core/definition/live-settings';
import { LIVE_SETTINGS } from '../../core/definition/setting-bounds';
import type { Arguments } from '../arguments';
import { ENVIRONMENT, MIGRATION, operatorOf, readTarget } from '../migration-verbs';
import { EXIT } from '../terminal';
import type { Verb } from '../verb';

const SETTINGS = 'setting=value';

export const set: Verb = {
  name: 'set',
  summary: 'Changes settings of a running or held migration.',
  positionals: [
    MIGRATION,
    {
      name: SETTINGS,
      description: `one or more of ${LIVE_SETTINGS.join(', ')}, each with its value`,
      repeated: true,
    },
  ],
  flags: { env: ENVIRONMENT },
  details: [
    'Functions that start afterwards use the new values, and the journal records the old and new ones. Everything else in the definition is frozen until the generation has ended. throttle.rowsPerSecondMax=none removes the limit.',
  ],
  async run(given, terminal) {
    const target = readTarget(given);
    const requested = readRequest(given);
    given.check();
    for (const { setting, before, after } of await operatorOf(target).changeSettings(
      target.migration,
      requested,
    ))
      terminal.out(`${setting}: ${before} → ${after}`);
    return EXIT.ok;
  },
};

function readRequest(given: Arguments): RequestedSettings {
  return given.rest(SETTINGS).map((text) => {
    const [, name = '', value = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (name === '')
      given.refuse(`${JSON.stringify(text)} is not a setting; write it as throttle.copiersMax=8`);
    return { name, value };
  });
}
