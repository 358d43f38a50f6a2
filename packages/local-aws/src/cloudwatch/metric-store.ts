/** Stores all metrics in bins of a second or a minute. */
import { addBin, addSample, emptyBin, type Bin } from './bin';
import { LIMITS } from './limits';
import { keyOf, type MetricIdentity, type Sample } from './metric';

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;

interface Series {
  readonly metric: MetricIdentity;
  /** By unit, then by the start of the bin. */
  readonly minutes: Map<string, Map<number, Bin>>;
  readonly seconds: Map<string, Map<number, Bin>>;
}

export interface Range {
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  readonly periodMs: number;
}

export class MetricStore {
  private readonly series = new Map<string, Series>();
  private waiting: { readonly visibleMs: number; readonly sample: Sample }[] = [];

  /** @param delayMs returns how long the next sample is invisible */
  constructor(private readonly delayMs: () => number) {}

  put(sample: Sample, nowMs: number): void {
    const delayMs = this.delayMs();
    if (delayMs <= 0) this.add(sample);
    else this.waiting.push({ visibleMs: nowMs + delayMs, sample });
  }

  /** Makes the samples visible whose delay has passed. */
  settle(nowMs: number): void {
    if (this.waiting.length === 0) return;
    const due = this.waiting.filter(({ visibleMs }) => visibleMs <= nowMs);
    if (due.length === 0) return;
    this.waiting = this.waiting.filter(({ visibleMs }) => visibleMs > nowMs);
    for (const { sample } of due) this.add(sample);
  }

  list(): MetricIdentity[] {
    return [...this.series.values()].map(({ metric }) => metric);
  }

  unitsOf(metric: MetricIdentity): string[] {
    const series = this.series.get(keyOf(metric));
    return series === undefined ? [] : [...new Set([...series.minutes.keys(), ...series.seconds.keys()])];
  }

  /**
   * Returns one bin per period of the range that has data, by the period's start. Periods under a minute contain only
   * samples of high resolution, and only those of the last three hours.
   * @param unit undefined: all units together
   */
  bins(metric: MetricIdentity, unit: string | undefined, range: Range, nowMs: number): Map<number, Bin> {
    const found = new Map<number, Bin>();
    const series = this.series.get(keyOf(metric));
    if (series === undefined) return found;
    const fine = range.periodMs < MINUTE_MS;
    const oldestMs = fine ? nowMs - LIMITS.highResolutionMs : -Infinity;
    const layers = fine ? [series.seconds] : [series.seconds, series.minutes];
    for (const layer of layers) {
      for (const [binUnit, bins] of layer) {
        if (unit !== undefined && unit !== binUnit) continue;
        for (const [atMs, bin] of bins) {
          if (atMs < range.startMs || atMs >= range.endMs || atMs < oldestMs) continue;
          const start = range.startMs + Math.floor((atMs - range.startMs) / range.periodMs) * range.periodMs;
          addBin(getOrCreate(found, start, emptyBin), bin);
        }
      }
    }
    return found;
  }

  private add({ metric, atMs, unit, resolutionSeconds, values }: Sample): void {
    const series = getOrCreate(this.series, keyOf(metric), () => ({
      metric,
      minutes: new Map<string, Map<number, Bin>>(),
      seconds: new Map<string, Map<number, Bin>>(),
    }));
    const fine = resolutionSeconds === 1;
    const bins = getOrCreate(fine ? series.seconds : series.minutes, unit, () => new Map<number, Bin>());
    const binMs = fine ? SECOND_MS : MINUTE_MS;
    addSample(getOrCreate(bins, Math.floor(atMs / binMs) * binMs, emptyBin), values);
  }
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
