import { ServiceError } from './service-error';

/** Builds a ValidationException worded as the API does, as recorded on AWS. */
export const constraintViolation = (name: string, value: string | number, constraint: string): ServiceError =>
  new ServiceError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must ${constraint}`,
  );

/** Builds the ValidationException for a number outside its bounds. */
export const outOfRange = (name: string, value: number, min: number, max: number): ServiceError =>
  constraintViolation(
    name,
    value,
    value > max ? `have value less than or equal to ${max}` : `have value greater than or equal to ${min}`,
  );
