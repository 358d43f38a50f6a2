/** An error response of a service, by the error name of the service's API model. */
export class ServiceError extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly status = 400,
    /** The name that clients of the older Query protocol expect. */
    readonly queryCode = type.replace(/(Exception|Fault)$/, ''),
  ) {
    super(message);
    this.name = type;
  }
}
