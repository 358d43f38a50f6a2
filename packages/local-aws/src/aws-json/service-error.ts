/** An error of a service's HTTP interface, by its modelled name. */
export class ServiceError extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly status = 400,
    /** The name that clients of the older Query protocol know. */
    readonly queryCode = type.replace(/(Exception|Fault)$/, ''),
  ) {
    super(message);
    this.name = type;
  }
}
