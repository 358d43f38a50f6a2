/** Wrong clocks, which differ between execution environments. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { seededFraction } from './seeded-fraction';

/** AWS refuses signatures older than five minutes, so no clock can be wrong by more for long. */
const SKEW_MS_MAX = 4 * 60_000;
const SHARE_SKEWED = 0.7;
const VARIABLE = 'LOCAL_AWS_CLOCK_SKEW_MS';

/** Preloaded into the function's process. It leaves monotonic clocks, which measure durations, unchanged. */
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
  /** Variables to add to the process. */
  readonly variables: Readonly<Record<string, string>>;
}

export class SkewedClocks {
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

  /** Returns the skew of the function's next environment; null if its clock is right. */
  nextSkew(functionName: string): Skew | null {
    const ordinal = (this.started.get(functionName) ?? 0) + 1;
    this.started.set(functionName, ordinal);
    if (seededFraction(this.seed, 'clock-skew', 'whether', functionName, ordinal) >= SHARE_SKEWED)
      return null;
    const ms = Math.round(
      (2 * seededFraction(this.seed, 'clock-skew', 'by', functionName, ordinal) - 1) * SKEW_MS_MAX,
    );
    const preload = `--require ${JSON.stringify(this.shim)}`;
    return { ms, variables: { NODE_OPTIONS: preload, [VARIABLE]: String(ms) } };
  }
}
