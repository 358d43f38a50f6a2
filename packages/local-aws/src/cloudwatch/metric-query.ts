/** Evaluates the queries of GetMetricData and of alarms: metrics, and expressions over them. */
import { flag, integer, list, structure, text, textOf, type Shape } from '../aws-json';
import { statisticOf } from './bin';
import { parseExpression, type ParsedExpression, type Value } from './expression';
import { LIMITS, UNITS } from './limits';
import { identityProblems, type MetricIdentity } from './metric';
import type { MetricStore } from './metric-store';

const DIMENSION_LIST = list(structure({ Name: text, Value: text }, {}), LIMITS.dimensionsMax);
export const DIMENSIONS: typeof DIMENSION_LIST = {
  check(value, place, problems) {
    DIMENSION_LIST.check(value, place, problems);
    const names = Array.isArray(value) ? value.map((each: { Name?: unknown } | null) => each?.Name) : [];
    const duplicate = names.find((name, index) => name !== undefined && names.indexOf(name) < index);
    if (duplicate !== undefined)
      problems.push(`${place} has the dimension ${JSON.stringify(duplicate)} twice`);
  },
};
const METRIC = structure({ Namespace: text, MetricName: text }, { Dimensions: DIMENSIONS });
export const QUERIES = list(
  structure(
    { Id: textOf(1, LIMITS.nameLengthMax) },
    {
      MetricStat: structure({ Metric: METRIC, Period: integer, Stat: text }, { Unit: text }),
      Expression: textOf(1, LIMITS.expressionLengthMax),
      Label: text,
      ReturnData: flag,
      Period: integer,
    },
  ),
);
export type MetricDataQuery = typeof QUERIES extends Shape<readonly (infer Q)[]> ? Q : never;

export interface Window {
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
}

export function identityOf(given: {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[] | undefined;
}): MetricIdentity {
  const dimensions = Object.fromEntries((given.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
  return { namespace: given.Namespace, name: given.MetricName, dimensions };
}

/** Requires 1, 5, 10, 20 or 30 seconds, or whole minutes. */
export function periodProblems(periodSeconds: number, allowed = [1, 5, 10, 20, 30]): string[] {
  if (allowed.includes(periodSeconds) || (periodSeconds > 0 && periodSeconds % 60 === 0)) return [];
  return [`the period ${periodSeconds} s is neither ${allowed.join(', ')} nor a multiple of 60`];
}

export class QuerySet {
  private readonly byId = new Map<string, MetricDataQuery>();
  private readonly expressions = new Map<string, ParsedExpression>();
  /** The problems of the queries. Only queries without problems may be evaluated. */
  readonly problems: string[] = [];

  constructor(readonly queries: readonly MetricDataQuery[]) {
    for (const query of queries) this.read(query);
    for (const { Id } of queries) this.checkPeriods(Id);
  }

  metrics(): { readonly metric: MetricIdentity; readonly unit: string | undefined }[] {
    return this.queries.flatMap(({ MetricStat: stat }) =>
      stat === undefined ? [] : [{ metric: identityOf(stat.Metric), unit: stat.Unit }],
    );
  }

  /** Returns the period of the metrics that the query uses. */
  periodMs(id: string): number {
    const [periodMs = 60_000] = this.periodsOf(id);
    return periodMs;
  }

  evaluate(id: string, store: MetricStore, window: Window, nowMs: number): ReadonlyMap<number, number> {
    const periodMs = this.periodMs(id);
    const periods: number[] = [];
    for (let at = window.startMs; at < window.endMs; at += periodMs) periods.push(at);
    const resolve = (wanted: string): Value => {
      const stat = this.byId.get(wanted)?.MetricStat;
      if (stat === undefined) return this.expressions.get(wanted)!.evaluate(resolve, periods);
      const bins = store.bins(identityOf(stat.Metric), stat.Unit, { ...window, periodMs }, nowMs);
      const statistic = statisticOf(stat.Stat)!;
      const points = [...bins].flatMap(([at, bin]): [number, number][] => {
        const value = statistic(bin);
        return value === undefined ? [] : [[at, value]];
      });
      return new Map(points.sort(([one], [other]) => one - other));
    };
    const value = resolve(id);
    return typeof value === 'number' ? new Map(periods.map((at) => [at, value])) : value;
  }

  private read(query: MetricDataQuery): void {
    const { Id: id, MetricStat: stat, Expression: expression } = query;
    const { problems } = this;
    if (!/^[a-z][a-zA-Z0-9_]*$/.test(id))
      problems.push(`the id ${id} is invalid: use a lower-case letter, then letters, digits and underscores`);
    if (this.byId.has(id)) problems.push(`the id ${id} is not unique`);
    this.byId.set(id, query);
    if ((stat === undefined) === (expression === undefined))
      problems.push(`the query ${id} must have either MetricStat or Expression`);
    if (stat !== undefined) {
      problems.push(...identityProblems(identityOf(stat.Metric)), ...periodProblems(stat.Period));
      if (statisticOf(stat.Stat) === undefined)
        problems.push(`the statistic ${stat.Stat} of ${id} is not supported`);
      if (stat.Unit !== undefined && !UNITS.includes(stat.Unit))
        problems.push(`the unit ${stat.Unit} of ${id} is unknown`);
    }
    if (expression === undefined) return;
    try {
      this.expressions.set(id, parseExpression(expression));
    } catch (error) {
      problems.push((error as Error).message);
    }
  }

  private checkPeriods(id: string): void {
    const missing = this.expressions.get(id)?.ids.filter((wanted) => !this.byId.has(wanted)) ?? [];
    for (const wanted of missing)
      this.problems.push(`the expression ${id} refers to ${wanted}, which does not exist`);
    if (this.refersTo(id, id)) this.problems.push(`the expression ${id} refers to itself`);
    else if (this.periodsOf(id).length > 1)
      this.problems.push(`the expression ${id} mixes periods, which is not supported. Use one period`);
  }

  private refersTo(id: string, target: string, seen = new Set<string>()): boolean {
    if (seen.has(id)) return false;
    seen.add(id);
    const ids = this.expressions.get(id)?.ids ?? [];
    return ids.some((next) => next === target || this.refersTo(next, target, seen));
  }

  private periodsOf(id: string): number[] {
    const seen = new Set<string>();
    const periods = new Set<number>();
    const visit = (next: string): void => {
      if (seen.has(next)) return;
      seen.add(next);
      const { MetricStat: stat, Period: period } = this.byId.get(next) ?? {};
      if (stat !== undefined || period !== undefined) periods.add((stat?.Period ?? period!) * 1000);
      this.expressions.get(next)?.ids.forEach(visit);
    };
    visit(id);
    return [...periods];
  }
}
