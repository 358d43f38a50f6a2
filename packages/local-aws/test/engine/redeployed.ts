/** An engine in a directory of its own, over which tests deploy generations of an app. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startEngine, type Engine, type EngineOptions } from '../../src/engine';
import { synthesizeGeneration, type Generation } from './versioned-app';

export class Redeployed {
  readonly directory = mkdtempSync(join(tmpdir(), 'local-aws-redeploy-'));
  private started: Engine | undefined;
  private generations = 0;

  /** The running engine. */
  get engine(): Engine {
    if (this.started === undefined) throw new Error('The engine was not started. Call start first.');
    return this.started;
  }

  /** @returns the directory of the assembly, which is new for each call */
  synthesize(generation: Generation): string {
    this.generations += 1;
    return synthesizeGeneration(join(this.directory, `generation-${this.generations}`), generation);
  }

  async start(assemblyDirectory: string, options: Partial<EngineOptions> = {}): Promise<void> {
    this.started = await startEngine({
      assemblyDirectory,
      stateDirectory: join(this.directory, 'state'),
      ...{ clusters: {}, secrets: {} },
      ...options,
    });
  }

  /** The result of a function, by its name with or without a qualifier. */
  async invoke(name: string): Promise<unknown> {
    return (await this.engine.lambda.invokeLambda(name, {})).payload;
  }

  /** @param service as in `AWS_ENDPOINT_URL_<service>` */
  clientOptions(service: string) {
    const { environment } = this.engine;
    return {
      endpoint: environment[`AWS_ENDPOINT_URL_${service}`] ?? '',
      region: environment['AWS_REGION'] ?? '',
      credentials: {
        accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    };
  }

  async close(): Promise<void> {
    await this.started?.close();
    rmSync(this.directory, { recursive: true });
  }
}
