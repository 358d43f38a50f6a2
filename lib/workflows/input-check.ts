import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Condition, Fail, StateMachineFragment } from 'aws-cdk-lib/aws-stepfunctions';
import type { INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ERRORS } from '../../src/contract/errors';

export interface InputCheckProps {
  /** Where a usable input leads. */
  readonly next: IChainable;
}

/** Refuses an input without a migration's name in words; a missing path would fail as an uncatchable States.Runtime. */
export class InputCheck extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  constructor(scope: Construct, id: string, props: InputCheckProps) {
    super(scope, id);
    const refused = new Fail(this, 'InputRefused', {
      error: ERRORS.malformedInput,
      cause: 'The input names no migration; start the execution with {"migration": "<name>"}.',
    });
    this.startState = new Choice(this, 'MigrationNamed')
      .when(isGivenText('$.migration'), props.next)
      .otherwise(refused);
  }
}

/** Presence comes first: comparing a path that is absent fails the execution. */
export const isGivenText = (path: string): Condition =>
  Condition.and(Condition.isPresent(path), Condition.isString(path));
