/** Lists who may assume which role, for IAM. */
import type { Assembly, StackState } from '../assembly';
import { policiesOf, type FormerHolder, type Policies } from '../iam';
import { LOCAL_CREDENTIALS } from '../lambda';
import { ruleRoleHolders } from '../monitoring';

/**
 * Builds the policies of a deployment.
 * @param earlier holders of earlier deployments, whose executions and environments may still run
 * @throws Error with every role that is missing, or that its holder's service may not assume
 */
export function policiesFor(assembly: Assembly, earlier: readonly FormerHolder[]): Policies {
  const former = [...earlier, ...holdersIn(assembly.stack)];
  return policiesOf({ ...assembly, rules: ruleRoleHolders(assembly), former }, [
    LOCAL_CREDENTIALS['AWS_ACCESS_KEY_ID'] ?? '',
  ]);
}

/** Functions, state machines and their versions, each with the role that it was created with. */
export function holdersIn({ functions, stateMachines }: StackState): FormerHolder[] {
  const ofFunctions = Object.values(functions).flatMap(({ latest, versions }) =>
    [latest, ...Object.values(versions).map(({ resource }) => resource)].map(
      ({ logicalId, name, arn, roleArn }): FormerHolder => ({
        ...{ service: 'lambda.amazonaws.com', logicalId, name, arn, roleArn },
      }),
    ),
  );
  const ofMachines = Object.values(stateMachines).flatMap(({ logicalId, name, arn, latest, versions }) =>
    [latest, ...Object.values(versions).map(({ revision }) => revision)].map(({ roleArn }): FormerHolder => ({
      service: 'states.amazonaws.com',
      logicalId,
      name,
      arn,
      roleArn,
    })),
  );
  return [...ofFunctions, ...ofMachines];
}
