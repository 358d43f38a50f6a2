/** An error of the HTTP API, by its name in the API model. The status is always 400. */
export class ServiceError extends Error {
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
    this.name = type;
  }
}
