/** Clocks that differ between execution environments. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { draw } from './draw';

/** Requests with a signature older than five minutes are refused in AWS; so no clock there is further off for long. */
const SKEW_MS_MAX = 4 * 60_000;
const SHARE_SKEWED = 0.7;
const VARIABLE = 'LOCAL_AWS_CLOCK_SKEW_MS';

/** Preloaded into the function's process. Clocks that measure durations are not wall clocks, and are unchanged. */
const SHIM = `'use strict';
const skewMs = Number(process.env.${VARIABLE});
delete process.env.${VARIABLE};
delete process.env.NODE_OPTIONS;
const Real = Date;
const now = () => Real.now() + skewMs;
globalThis.Date = new Proxy(Real, {
  construct: (target, given, made) => Reflect.construct(target, given.length === 0 ? [now()] : given, made),
  apply: () => new Real(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
`;

export interface Skew {
  readonly ms: number;
  /** To be added to those of the process. */
  readonly variables: Readonly<Record<string, string>>;
}

export class Clocks {
  private readonly started = new Map<string, number>();
  private readonly shim: string;

  /** @param directory where the shim is written */
  constructor(
    private readonly seed: number,
    directory: string,
  ) {
    this.shim = join(directory, 'clock-skew.cjs');
    writeFileSync(this.shim, SHIM);
  }

  /** Of the function's next environment; null: its clock is right. */
  next(functionName: string): Skew | null {
    const ordinal = (this.started.get(functionName) ?? 0) + 1;
    this.started.set(functionName, ordinal);
    if (draw(this.seed, 'clock-skew', 'whether', functionName, ordinal) >= SHARE_SKEWED) return null;
    const ms = Math.round((2 * draw(this.seed, 'clock-skew', 'by', functionName, ordinal) - 1) * SKEW_MS_MAX);
    const preload = `--require ${JSON.stringify(this.shim)}`;
    return { ms, variables: { NODE_OPTIONS: preload, [VARIABLE]: String(ms) } };
  }
}
