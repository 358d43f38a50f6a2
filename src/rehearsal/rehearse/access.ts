/** Reports the calls that IAM denied during a rehearsal, and the grants that it did not use. */
import { writeFileSync } from 'node:fs';
import { type AccessReport, type Engine, describeDenial } from 'local-aws';
import { grouped } from '../screen/progress';
import type { Ports } from './ports';

/** After a denial, a migration may retry for minutes, or wait for another execution whose call was denied. */
const WAIT_AFTER_DENIAL_MS = 10_000;

/** Reports each denial once, and decides when waiting for the execution is useless. */
export class Denials {
  private firstReportedMs: number | undefined;
  private readonly reported = new Set<string>();

  constructor(
    private readonly engine: Pick<Engine, 'access'>,
    private readonly ports: Pick<Ports, 'note' | 'now'>,
  ) {}

  /** Whether the first denial is so long ago that the execution will not finish. Reports new denials. */
  async shouldStopWaiting(): Promise<boolean> {
    await this.report();
    return (
      this.firstReportedMs !== undefined && this.ports.now() - this.firstReportedMs > WAIT_AFTER_DENIAL_MS
    );
  }

  /** Reports the denials since the last call. */
  async report(): Promise<void> {
    for (const text of (await this.engine.access()).denied.map(describeDenial)) {
      if (this.reported.has(text)) continue;
      this.reported.add(text);
      this.ports.note(`denied: ${text}`);
      this.firstReportedMs ??= this.ports.now();
    }
  }
}

/** Reasons to doubt the deployment. */
export const accessDoubts = ({ denied }: AccessReport): string[] => denied.map(describeDenial);

/** Summarizes a report in one line. @param where names the place of the complete report */
export const accessText = ({ denied, unused, notExercised }: AccessReport, where: string): string =>
  `access: ${grouped(denied.length)} denied, ${grouped(unused.length)} granted but unused, ${grouped(notExercised.length)} not exercised on this machine; ${where} lists them`;

/** @param file JSON, replaced by every rehearsal in the same directory */
export function writeAccess(file: string, report: AccessReport): void {
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}
