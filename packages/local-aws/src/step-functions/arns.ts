/** Builds ARNs of Step Functions resources in one account and Region. */
export class Arns {
  constructor(
    private readonly region: string,
    private readonly account: string,
  ) {}

  stateMachine = (name: string): string => this.arn(`stateMachine:${name}`);
  /** @param machine the name; for children of a Distributed Map, `name/label` */
  execution = (machine: string, name: string): string => this.arn(`execution:${machine}:${name}`);
  mapRun = (machine: string, label: string, id: string): string =>
    this.arn(`mapRun:${machine}/${label}:${id}`);

  private arn = (rest: string): string => `arn:aws:states:${this.region}:${this.account}:${rest}`;
}

/** Extracts the name from a state machine's ARN; `name/label` if the ARN is qualified. */
export const qualifiedMachineName = (stateMachineArn: string): string =>
  stateMachineArn.split(':').slice(6).join(':');
