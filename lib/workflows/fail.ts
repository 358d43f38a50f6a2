import type { State } from 'aws-cdk-lib/aws-stepfunctions';
import { Fail, Pass, Result } from 'aws-cdk-lib/aws-stepfunctions';
import type { ErrorName } from '../../src/contract/errors';
import type { Compilation } from './compilation';

/** An error that no function reported. */
interface Reason {
  readonly error: ErrorName;
  readonly cause: string;
}

/** Creates a state that fails the execution or the item for a reason that no function reported. */
export function fail({ scope, failure }: Compilation, name: string, { error, cause }: Reason): State {
  if (failure === null) return new Fail(scope, name, { error, cause });
  const pass = new Pass(scope, name, { result: Result.fromObject({ Error: error, Cause: cause }) });
  pass.next(failure);
  return pass;
}
