export {
  operation,
  operationsOf,
  serveJson,
  type Operation,
  type Permission,
  type RunningService,
} from './server';
export { ServiceError } from './service-error';
export { flag, integer, isRecord, list, number, oneOf, structure, text, textOf, type Shape } from './shapes';
