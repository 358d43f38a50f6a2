import { createOwnershipWorld } from '../../adapters/ownership-world';
import { adopt as adoptGuards, decideAdoption } from '../../core/ownership/adopt';
import { ENVIRONMENT, MIGRATION, readTarget } from '../migration-verbs';
import {
  DECISION_FLAGS,
  ownershipOptions,
  readPerson,
  showAndDecide,
  withReportedErrors,
} from '../ownership';
import { foundLines } from '../ownership-text';
import type { Verb } from '../verb';

export const adopt: Verb = {
  name: 'adopt',
  summary:
    'Gives the guards of a migration to this control plane, after its control table was lost or restored.',
  positionals: [MIGRATION],
  flags: { env: ENVIRONMENT, ...DECISION_FLAGS },
  details: [
    'Shows the guards in both databases, the record in the ledger, and what an adoption would do. With --yes it raises the epoch of the ledger above both guards, then gives them to this control plane. A generation that had not flipped can then only be aborted. Opens and closes nothing, and changes no row.',
    'Uses your own AWS credentials, with the secrets of the definition. If it was interrupted, repeat it.',
  ],
  async run(given, terminal) {
    const target = readTarget(given);
    const person = readPerson(given);
    given.check();
    return withReportedErrors(target.environment, async () => {
      const world = createOwnershipWorld(ownershipOptions(target));
      const { found, decision } = await decideAdoption(world);
      return showAndDecide(given, terminal, {
        lines: foundLines(found),
        found,
        decision,
        done: `${person} adopted migration ${target.migration} for environment ${target.environment}`,
        carryOut: async () => {
          if (decision.kind === 'adopt') await adoptGuards(world, decision, person);
        },
      });
    });
  },
};
