/** ARNs of Step Functions in one account and Region. */
export class Arns {
  constructor(
    private readonly region: string,
    private readonly account: string,
  ) {}

  stateMachine = (name: string): string => this.arn(`stateMachine:${name}`);
  /** `machine` is a name, or `name/label` for the children of a Distributed Map. */
  execution = (machine: string, name: string): string => this.arn(`execution:${machine}:${name}`);
  mapRun = (machine: string, label: string, id: string): string =>
    this.arn(`mapRun:${machine}/${label}:${id}`);

  private arn = (rest: string): string => `arn:aws:states:${this.region}:${this.account}:${rest}`;
}

/** `name`, or `name/label`, of a state machine's ARN. */
export const qualifiedMachineName = (stateMachineArn: string): string =>
  stateMachineArn.split(':').slice(6).join(':');
