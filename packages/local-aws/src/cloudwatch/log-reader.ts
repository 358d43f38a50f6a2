/** Follows a log file and returns the complete lines that were added since the last call. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';

export interface LogSource {
  /** e.g. `/aws/lambda/copier` */
  readonly logGroup: string;
  readonly file: string;
}

const CHUNK_BYTES = 1024 * 1024;

/** Starts at the current end of the file: an earlier engine has recorded the metrics before it. */
export class LogReader {
  private offset: number;
  private rest = Buffer.alloc(0);

  constructor(readonly source: LogSource) {
    this.offset = existsSync(source.file) ? statSync(source.file).size : 0;
  }

  lines(): string[] {
    const added = this.read();
    if (added.length === 0) return [];
    const text = Buffer.concat([this.rest, added]);
    const end = text.lastIndexOf(0x0a) + 1;
    this.rest = text.subarray(end);
    return text.subarray(0, end).toString('utf8').split('\n').filter(Boolean);
  }

  private read(): Buffer {
    if (!existsSync(this.source.file)) return Buffer.alloc(0);
    const parts: Buffer[] = [];
    const file = openSync(this.source.file, 'r');
    try {
      for (;;) {
        const part = Buffer.allocUnsafe(CHUNK_BYTES);
        const bytes = readSync(file, part, 0, CHUNK_BYTES, this.offset);
        if (bytes === 0) return Buffer.concat(parts);
        this.offset += bytes;
        parts.push(part.subarray(0, bytes));
      }
    } finally {
      closeSync(file);
    }
  }
}
