/** Deployed state machines with published versions, for the tests of verbs. */
import { devNull } from 'node:os';
import { type StepFunctions, startStepFunctions } from 'local-aws/testing';
import { stateMachineName } from '../../src/contract/names';

export const REGION = 'eu-west-1';
export const ACCOUNT = '111122223333';

/** Settings with which the SDK reads nothing from the machine. */
export const VARIABLES = {
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Code versions that were deployed, the newest last. */
export const CODES = ['c0de0001', 'c0de0002'] as const;

const wait = (next: object) => ({
  StartAt: 'Wait',
  States: { Wait: { Type: 'Wait', Seconds: 0, Next: 'End' }, End: next },
});

/** A machine of which each deployment has published a version. */
function published(name: string, definition: object): Parameters<StepFunctions['deploy']>[0][number] {
  const revisions = CODES.map((code, index) => ({
    definition: JSON.stringify({ ...definition, Comment: code }),
    ...{ roleArn: `arn:aws:iam::${ACCOUNT}:role/any`, configuration: '{}' },
    ...{ revisionId: `revision-${index}`, updateMs: index },
  }));
  return {
    ...{ logicalId: name, name, creationMs: 0, aliases: {} },
    arn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`,
    latest: revisions.at(-1)!,
    versions: Object.fromEntries(
      revisions.map((revision, index) => [
        String(index + 1),
        { revision, description: CODES[index], creationMs: index },
      ]),
    ),
  };
}

/** Runs the machines `Migration` and `Abort`, which end with these states. */
export const startMachines = async (
  abort: object,
  migration: object = { Type: 'Succeed' },
): Promise<StepFunctions> => {
  const engine = await startStepFunctions({
    region: REGION,
    account: ACCOUNT,
    runTask: { invokeLambda: () => Promise.reject(new Error('no function here')) },
  });
  engine.deploy([
    published(stateMachineName('dev', 'Migration'), wait(migration)),
    published(stateMachineName('dev', 'Abort'), wait(abort)),
  ]);
  // More machines than the longest page of a list holds.
  for (let index = 0; index < 1_000; index += 1) {
    engine.createStateMachine({ name: `another-${index}`, definition: wait({ Type: 'Succeed' }) });
  }
  return engine;
};
