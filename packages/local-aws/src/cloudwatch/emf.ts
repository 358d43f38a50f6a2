/** Reads the embedded metric format: metrics in a log line that is one complete JSON object. */
import { isRecord } from '../aws-json';
import { LIMITS } from './limits';
import {
  metricProblems,
  timestampProblems,
  unitProblems,
  valueProblems,
  type MetricIdentity,
  type Sample,
} from './metric';

/** The metrics of a line, or its problems. CloudWatch drops such a line, and reports it only as a metric of `AWS/Logs`. */
export type EmfLine =
  | { readonly samples: readonly Sample[] }
  | { readonly failure: 'EMFParsingErrors' | 'EMFValidationErrors'; readonly problems: readonly string[] };

/** Returns undefined if the line has no embedded metrics. */
export function readEmf(line: string, nowMs: number): EmfLine | undefined {
  if (!line.includes('"CloudWatchMetrics"') || !line.includes('"_aws"')) return undefined;
  const bytes = Buffer.byteLength(line);
  if (bytes > LIMITS.emf.lineBytesMax) {
    const problem = `the line has ${bytes} bytes; the limit is ${LIMITS.emf.lineBytesMax}`;
    return { failure: 'EMFValidationErrors', problems: [problem] };
  }
  let root: unknown;
  try {
    root = JSON.parse(line);
  } catch {
    const problem = `the line is not one complete JSON object: ${line.slice(0, 80)}…`;
    return { failure: 'EMFParsingErrors', problems: [problem] };
  }
  // These words may occur in other lines, for instance in a logged request.
  if (!isRecord(root) || !isRecord(root['_aws'])) return undefined;
  const problems: string[] = [];
  const samples = readRoot(root, root['_aws'], problems, nowMs);
  return problems.length === 0 ? { samples } : { failure: 'EMFValidationErrors', problems };
}

type Root = Readonly<Record<string, unknown>>;

function readRoot(root: Root, metadata: Root, problems: string[], nowMs: number): Sample[] {
  const { Timestamp: atMs, CloudWatchMetrics: directives } = metadata;
  if (!Number.isInteger(atMs)) {
    problems.push(`_aws.Timestamp must be whole milliseconds, not ${JSON.stringify(atMs)}`);
    return [];
  }
  problems.push(...timestampProblems(atMs as number, nowMs));
  if (!Array.isArray(directives)) {
    problems.push('_aws.CloudWatchMetrics must be a list');
    return [];
  }
  return directives.flatMap((directive: unknown) => readDirective(root, directive, atMs as number, problems));
}

function readDirective(root: Root, directive: unknown, atMs: number, problems: string[]): Sample[] {
  const { Namespace: namespace, Dimensions: sets, Metrics: metrics } = isRecord(directive) ? directive : {};
  if (typeof namespace !== 'string' || !Array.isArray(sets) || !Array.isArray(metrics)) {
    problems.push('a metric directive requires Namespace, Dimensions and Metrics');
    return [];
  }
  if (sets.length === 0) problems.push('Dimensions must have at least one set, which may be empty');
  const { metricsPerDirectiveMax } = LIMITS.emf;
  if (metrics.length > metricsPerDirectiveMax)
    problems.push(`${metrics.length} metrics in one directive; the limit is ${metricsPerDirectiveMax}`);
  const dimensionSets = sets.map((set: unknown) => readDimensions(root, set, problems));
  return metrics.flatMap((definition: unknown) => {
    const read = readMetric(root, definition, problems);
    if (read === undefined) return [];
    const { name, ...rest } = read;
    return dimensionSets.map((dimensions) => {
      const metric: MetricIdentity = { namespace, name, dimensions };
      problems.push(...metricProblems(metric).filter((problem) => !problems.includes(problem)));
      return { metric, atMs, ...rest };
    });
  });
}

function readDimensions(root: Root, set: unknown, problems: string[]): Record<string, string> {
  const dimensions: Record<string, string> = {};
  if (!Array.isArray(set)) {
    problems.push(`a dimension set must be a list of names, not ${JSON.stringify(set)}`);
    return dimensions;
  }
  for (const name of set as unknown[]) {
    const value = typeof name === 'string' ? root[name] : undefined;
    if (typeof name !== 'string')
      problems.push(`a dimension's name must be a string, not ${JSON.stringify(name)}`);
    else if (typeof value !== 'string')
      problems.push(`the dimension ${name} must be a string at the root, not ${JSON.stringify(value)}`);
    else if (name.length > LIMITS.emf.dimensionNameLengthMax)
      problems.push(
        `a dimension's name has ${name.length} characters; the limit is ${LIMITS.emf.dimensionNameLengthMax}`,
      );
    else dimensions[name] = value;
  }
  return dimensions;
}

function readMetric(root: Root, definition: unknown, problems: string[]) {
  const given = isRecord(definition) ? definition : {};
  const { Name: name, Unit: unit = 'None', StorageResolution: resolution = 60 } = given;
  if (typeof name !== 'string') {
    problems.push(`a metric definition has no Name: ${JSON.stringify(definition)}`);
    return undefined;
  }
  const target = root[name];
  const values: unknown[] = Array.isArray(target) ? target : [target];
  const { valuesPerMetricMax } = LIMITS.emf;
  if (values.length > valuesPerMetricMax)
    problems.push(`${name} has ${values.length} values; the limit is ${valuesPerMetricMax}`);
  if (resolution !== 1 && resolution !== 60)
    problems.push(
      `${name} has the StorageResolution ${JSON.stringify(resolution)}, which is neither 1 nor 60`,
    );
  const wrong = [...valueProblems(name, values), ...unitProblems(name, unit)];
  problems.push(...wrong);
  return {
    name,
    unit: String(unit),
    resolutionSeconds: resolution === 1 ? (1 as const) : (60 as const),
    values: values.map((value) => ({ value: value as number, count: 1 })),
  };
}
