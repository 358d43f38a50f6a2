/** Holds the log file and the counters that all versions of one function share. */
import { closeSync, openSync, writeSync } from 'node:fs';

import type { FunctionResource } from '../assembly';
import { newCounters, type LambdaCounters, type MutableLambdaCounters } from './counters';

export class FunctionShare {
  readonly counted: MutableLambdaCounters;
  /** Receives stdout and stderr of every environment. */
  readonly logFileDescriptor: number;
  private environments = 0;

  constructor(
    readonly functionName: string,
    logFile: string,
    latest: FunctionResource,
  ) {
    this.counted = newCounters(latest.memoryMegabytes, latest.architecture);
    this.logFileDescriptor = openSync(logFile, 'a');
  }

  counters(): LambdaCounters {
    return { ...this.counted };
  }

  /** The counters show the size of $LATEST. */
  resize({ memoryMegabytes, architecture }: FunctionResource): void {
    Object.assign(this.counted, { memoryMegabytes, architecture });
  }

  countEnvironment(): void {
    this.environments += 1;
    this.counted.environmentsMax = Math.max(this.counted.environmentsMax, this.environments);
  }

  environmentEnded(): void {
    this.environments -= 1;
  }

  write(text: string): void {
    writeSync(this.logFileDescriptor, text);
  }

  close(): void {
    closeSync(this.logFileDescriptor);
  }
}
