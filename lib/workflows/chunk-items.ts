import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Condition, JsonPath, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { SluiceFunction } from '../constructs/sluice-function';
import { HandlerTask } from './handler-task';
import { ITEM_RETRY } from './retry';

/** The contract's `ChunkItem`, read from the item. */
const chunkPayload = (): Record<string, unknown> => ({
  migration: JsonPath.stringAt('$.migration'),
  generation: JsonPath.numberAt('$.generation'),
  direction: JsonPath.stringAt('$.direction'),
  table: JsonPath.stringAt('$.table'),
  chunk: JsonPath.numberAt('$.chunk'),
});

/** Copies one chunk, invoking its function again for as long as it stops before its deadline. */
export function copyItem(scope: Construct, prefix: string, copyChunk: SluiceFunction): Chain {
  const copy = new HandlerTask(scope, `${prefix}CopyChunk`, {
    handler: copyChunk,
    payload: chunkPayload(),
    retry: ITEM_RETRY,
    resultSelector: { done: JsonPath.stringAt('$.Payload.done') },
    resultPath: '$.progress',
  });
  const copied = new Succeed(scope, `${prefix}ChunkCopied`, { outputPath: JsonPath.DISCARD });
  return copy.next(
    new Choice(scope, `${prefix}ChunkDone`)
      .when(Condition.booleanEquals('$.progress.done', true), copied)
      .otherwise(copy),
  );
}

/** Compares one chunk; the verdict is in the ledger. */
export const verifyItem = (scope: Construct, prefix: string, verifyChunk: SluiceFunction): HandlerTask =>
  new HandlerTask(scope, `${prefix}VerifyChunk`, {
    handler: verifyChunk,
    payload: chunkPayload(),
    retry: ITEM_RETRY,
    resultPath: JsonPath.DISCARD,
    outputPath: JsonPath.DISCARD,
  });
