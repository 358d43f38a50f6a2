export type { Authorize } from '../iam';
export { operation, operationsOf, serveJson, type Operation, type RunningService } from './server';
export { ServiceError } from './service-error';
export { flag, integer, isRecord, list, number, oneOf, structure, text, textOf, type Shape } from './shapes';
