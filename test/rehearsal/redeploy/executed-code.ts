/** The code that functions ran, from the logs that the engine keeps of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An invocation that ended, of a function whose code signs its log. */
export interface ExecutedCode {
  readonly functionName: string;
  /** Number of the function's version, from the ARN that was invoked. */
  readonly version: string;
  /** Name with which the code signs its log. */
  readonly code: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
}

export function executedCodeIn(engineDirectory: string): readonly ExecutedCode[] {
  return logsIn(engineDirectory).flatMap((log) => {
    const reports = [...log.matchAll(/^REPORT RequestId: (\S+)\tDuration: ([\d.]+) ms/gm)];
    const durations = new Map(reports.map(([, id, ms]) => [id!, Number(ms)]));
    return log.split('\n').flatMap((line) => executedCodeOf(line, durations));
  });
}

/** Numbers of the versions that the engine ran, with `$LATEST` for the unpublished one. */
export const startedVersionsIn = (engineDirectory: string): ReadonlySet<string> =>
  new Set(
    logsIn(engineDirectory).flatMap((log) =>
      [...log.matchAll(/^START RequestId: \S+ Version: (\S+)$/gm)].map(([, version]) => version!),
    ),
  );

function logsIn(engineDirectory: string): string[] {
  const logs = join(engineDirectory, 'logs');
  return readdirSync(logs).map((file) => readFileSync(join(logs, file), 'utf8'));
}

function executedCodeOf(line: string, durations: ReadonlyMap<string, number>): ExecutedCode[] {
  if (!line.startsWith('{"level"')) return [];
  const entry = JSON.parse(line) as Record<string, string | undefined>;
  const { function_arn: arn = '', function_request_id: id = '', code, timestamp: endedAt } = entry;
  const [, functionName, version] = /:function:sluice-dev-(\w+):(\d+)$/.exec(arn) ?? [];
  const ms = durations.get(id);
  if (code === undefined || functionName === undefined || version === undefined) return [];
  if (endedAt === undefined || ms === undefined) return [];
  const startedAt = new Date(Date.parse(endedAt) - ms).toISOString();
  return [{ functionName, version, code, startedAt, endedAt }];
}
