import type { Invoking } from '../../src/contract/lifecycle';
import { functionVersionsArn } from '../grants';
import type { Compilation } from './compilation';
import { HandlerTask } from './handler-task';
import { inputOf } from './inputs';
import { invocationRetries } from './retry';

/** Invokes a row's function; its result replaces the state. */
export const invoke = ({ scope, nameOf, parts }: Compilation, step: Invoking): HandlerTask =>
  new HandlerTask(scope, nameOf(step), {
    handler: parts.functions.get(step.function.name),
    versionsArn: functionVersionsArn(scope, parts.environmentName, step.function.name),
    payload: inputOf(step, parts),
    retry: invocationRetries(step.retry),
    outputPath: '$.Payload',
  });
