import type { DataApiCounters } from './options';

const METERED_BYTES = 32_768;

export class Counting {
  private readonly calls: Record<string, number> = {};
  private readonly errors: Record<string, number> = {};
  private requestBytes = 0;
  private responseBytes = 0;
  private billedUnits = 0;

  add(operation: string, requestBytes: number, responseBytes: number, error?: string): void {
    this.calls[operation] = (this.calls[operation] ?? 0) + 1;
    if (error !== undefined) this.errors[error] = (this.errors[error] ?? 0) + 1;
    this.requestBytes += requestBytes;
    this.responseBytes += responseBytes;
    this.billedUnits += Math.max(1, Math.ceil((requestBytes + responseBytes) / METERED_BYTES));
  }

  counters(): DataApiCounters {
    const { calls, errors, requestBytes, responseBytes, billedUnits } = this;
    return { calls: { ...calls }, errors: { ...errors }, requestBytes, responseBytes, billedUnits };
  }
}
