import { createForgetWorld } from '../../adapters/ownership-world';
import { SIDES, type Side } from '../../contract/sides';
import { decideForgetting, forget as forgetGuards } from '../../core/ownership/forget';
import type { Arguments } from '../arguments';
import { ENVIRONMENT, MIGRATION, readTarget } from '../migration-verbs';
import {
  DECISION_FLAGS,
  ownershipOptions,
  readPerson,
  showAndDecide,
  withReportedErrors,
} from '../ownership';
import { sideLines } from '../ownership-text';
import type { Verb } from '../verb';

export const forget: Verb = {
  name: 'forget',
  summary: 'Releases the guards that a restored copy of a database, or a removed control plane, left.',
  positionals: [MIGRATION],
  flags: {
    env: ENVIRONMENT,
    side: { value: 'SIDE', description: 'the side that the guards are of: source or target' },
    owner: {
      value: 'ID',
      description:
        'control plane whose guards to release, if it is of another environment, or several have any',
    },
    cluster: { value: 'ARN', description: "cluster of the copy (default: the definition's)" },
    secret: { value: 'ARN', description: "secret of the owner's login in the copy, with --cluster" },
    database: { value: 'NAME', description: 'name of the database in the copy, with --cluster' },
    'original-is-lost': {
      description: 'states that the database that the migration was started with is lost for good',
    },
    ...DECISION_FLAGS,
  },
  details: [
    'Shows the guards of the migration in one database. With --yes it opens them and removes them, with captures and leases. If several control planes have guards there, --owner names the one to release. Keeps every row and every object of the application. Refuses the database that a migration of this control plane uses: abort it instead. Refuses guards of an environment other than --env, unless --owner names their control plane.',
    'A copy is compared with the database that the migration was started with. If that one cannot be reached, the copy may be the same cluster under another name; --original-is-lost states that it is not, and the journal records it. The flag is refused if the original can be reached.',
    'Uses your own AWS credentials. If it was interrupted, repeat it.',
  ],
  async run(given, terminal) {
    const target = readTarget(given);
    const side = readSide(given);
    const endpoint = readEndpoint(given);
    const person = readPerson(given);
    given.check();
    return withReportedErrors(target.environment, async () => {
      const world = await createForgetWorld(ownershipOptions(target), side, endpoint);
      const { found, decision } = await decideForgetting(world, {
        owner: given.text('owner'),
        isOriginalLost: given.has('original-is-lost'),
      });
      return showAndDecide(given, terminal, {
        lines: [`migration ${target.migration}`, ...sideLines(side, found)],
        found,
        decision,
        done: `${person} released the ${side} of migration ${target.migration}: it accepts writes`,
        carryOut: async () => {
          if (decision.kind === 'forget') await forgetGuards(world, decision, person);
        },
      });
    });
  },
};

function readSide(given: Arguments): Side {
  const text = given.text('side');
  const side = SIDES.find((known) => known === text);
  if (side !== undefined) return side;
  given.refuse(
    text === undefined
      ? '--side is missing; write --side source or --side target'
      : `--side is ${JSON.stringify(text)}; use source or target`,
  );
  return 'source';
}

function readEndpoint(given: Arguments) {
  const names = ['cluster', 'secret', 'database'] as const;
  const missing = names.filter((name) => !given.has(name));
  if (missing.length === names.length) return null;
  if (missing.length > 0)
    given.refuse(
      `${missing.map((name) => `--${name}`).join(' and ')} missing; a copy needs --cluster, --secret and --database together`,
    );
  const [clusterArn, ownerSecretArn, database] = names.map((name) => given.text(name) ?? '');
  return { clusterArn: clusterArn!, ownerSecretArn: ownerSecretArn!, database: database! };
}
