/** Calls that the deployment's roles allowed and denied during a rehearsal. */
import { writeFileSync } from 'node:fs';
import { type AccessReport, type Engine, describeDenial } from 'local-aws';
import { grouped } from '../screen/progress';
import type { Ports } from './ports';

/** A migration that lacks a permission may try for minutes, or wait for what was denied to another execution. */
const DENIED_MS_MAX = 10_000;

/** Reports each denial when it is seen, and when to stop waiting. */
export class Denials {
  private firstMs: number | undefined;
  private readonly reported = new Set<string>();

  constructor(
    private readonly engine: Pick<Engine, 'access'>,
    private readonly ports: Pick<Ports, 'note' | 'now'>,
  ) {}

  /** Whether something was denied so long ago that the execution will not end by itself. */
  async waitNoLonger(): Promise<boolean> {
    await this.tell();
    return this.firstMs !== undefined && this.ports.now() - this.firstMs > DENIED_MS_MAX;
  }

  /** Reports denials since the last call. */
  async tell(): Promise<void> {
    for (const text of (await this.engine.access()).denied.map(describeDenial)) {
      if (this.reported.has(text)) continue;
      this.reported.add(text);
      this.ports.note(`denied: ${text}`);
      this.firstMs ??= this.ports.now();
    }
  }
}

/** Reasons to doubt the deployment. */
export const accessDoubts = ({ denied }: AccessReport): string[] => denied.map(describeDenial);

/** One line of it. @param where what has it all */
export const accessText = ({ denied, unused, notExercised }: AccessReport, where: string): string =>
  `access: ${grouped(denied.length)} denied, ${grouped(unused.length)} granted and not used, ${grouped(notExercised.length)} not exercised here; ${where} lists them`;

/** @param file JSON, replaced by every rehearsal in the same directory */
export function writeAccess(file: string, report: AccessReport): void {
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}
