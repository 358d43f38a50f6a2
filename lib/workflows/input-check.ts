import type { INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Condition, Fail, Pass, Result, StateMachineFragment } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ERRORS } from '../../src/contract/errors';
import type { MachineRow } from '../../src/contract/lifecycle';
import { pascalOf } from '../../src/contract/lifecycle/state-names';

export interface InputCheckProps extends Pick<MachineRow, 'requires' | 'numbers' | 'defaults' | 'remedy'> {
  /** State that follows a valid input. */
  readonly next: State;
}

/** Fails an input without a migration's name with a clear message; a missing path would raise an uncatchable States.Runtime. */
export class InputCheck extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  constructor(scope: Construct, id: string, props: InputCheckProps) {
    super(scope, id);
    const { requires, numbers = [], defaults, remedy, next } = props;
    const given = [
      isGivenText('$.migration'),
      ...requires.map((field) => Condition.isPresent(`$.${field}`)),
      ...numbers.map((field) => Condition.isNumeric(`$.${field}`)),
      // A value that is ignored for its type would let the execution do more than its caller meant.
      ...Object.keys(defaults).map((field) => isAbsentOrText(`$.${field}`)),
    ];
    const refused = new Fail(this, 'InputRefused', {
      error: ERRORS.malformedInput,
      cause: `The input does not match what this machine takes. ${remedy}`,
    });
    const complete = Object.entries(defaults).reduceRight(
      (after, [field, text]) => this.withDefault(field, text, after),
      next,
    );
    this.startState = new Choice(this, 'MigrationNamed')
      .when(Condition.and(...given), complete)
      .otherwise(refused);
  }

  private withDefault(field: string, text: string, next: State): State {
    const name = pascalOf(field);
    const left = new Pass(this, `${name}NotGiven`, {
      result: Result.fromString(text),
      resultPath: `$.${field}`,
    });
    return new Choice(this, `${name}Given`).when(isGivenText(`$.${field}`), next).otherwise(left.next(next));
  }
}

const isAbsentOrText = (path: string): Condition =>
  Condition.or(Condition.not(Condition.isPresent(path)), Condition.isString(path));

/** Checks presence first: comparing an absent path fails the execution. */
const isGivenText = (path: string): Condition =>
  Condition.and(Condition.isPresent(path), Condition.isString(path));
