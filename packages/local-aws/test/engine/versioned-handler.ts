/** The function of the redeployed app. `WORD` is replaced when the app is bundled, so that each generation has other code. */
import type { Context } from 'aws-lambda';
import { writeFileSync } from 'node:fs';

declare const WORD: string;

interface Event {
  /** Receives the task token, so that the test can continue the execution. */
  readonly file?: string;
  readonly token?: string;
  readonly sleepMs?: number;
}

export async function handler({ file, token, sleepMs = 0 }: Event, context: Context) {
  if (file !== undefined && token !== undefined) writeFileSync(file, token);
  await new Promise((done) => setTimeout(done, sleepMs));
  return { word: WORD, version: context.functionVersion };
}
