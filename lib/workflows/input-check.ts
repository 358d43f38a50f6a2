import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Condition, Fail, StateMachineFragment } from 'aws-cdk-lib/aws-stepfunctions';
import type { INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ERRORS } from '../../src/contract/errors';

export interface InputCheckProps {
  /** What the input must have besides the migration's name. @default nothing */
  readonly alsoNeeds?: Condition;
  /** What to do instead of the start that was refused. @default how to start it */
  readonly remedy?: string;
  /** Where a usable input leads. */
  readonly next: IChainable;
}

const START = 'Start the execution with {"migration": "<name>"}.';

/** Refuses an input without a migration's name in words; a missing path would fail as an uncatchable States.Runtime. */
export class InputCheck extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  constructor(scope: Construct, id: string, props: InputCheckProps) {
    super(scope, id);
    const named = isGivenText('$.migration');
    const refused = new Fail(this, 'InputRefused', {
      error: ERRORS.malformedInput,
      cause: `The input is not what this machine takes. ${props.remedy ?? START}`,
    });
    this.startState = new Choice(this, 'MigrationNamed')
      .when(props.alsoNeeds ? Condition.and(named, props.alsoNeeds) : named, props.next)
      .otherwise(refused);
  }
}

/** Presence comes first: comparing a path that is absent fails the execution. */
export const isGivenText = (path: string): Condition =>
  Condition.and(Condition.isPresent(path), Condition.isString(path));
