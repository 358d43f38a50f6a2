/** Keeps alarms with their states and history, and evaluates them. */
import { randomUUID } from 'node:crypto';

import { rangeMsOf, type AlarmConfig } from './alarm-config';
import type { CompositeConfig } from './composite';
import { evaluate, rangeOf } from './evaluation';
import { LIMITS } from './limits';
import type { MetricStore } from './metric-store';
import { explain, formatTimestamp, type StateChange } from './state-reason';

/** An event that a service publishes to EventBridge. */
export interface ServiceEvent {
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: object;
  readonly timeMs: number;
}

export interface HistoryItem {
  readonly alarmName: string;
  readonly alarmType: 'MetricAlarm' | 'CompositeAlarm';
  readonly atMs: number;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate';
  readonly summary: string;
  readonly data: object;
}

interface Common {
  readonly arn: string;
  readonly configuredMs: number;
  state: StateChange;
  /** The time when the state's value last changed. */
  transitionedMs: number;
}
export interface MetricAlarm extends Common {
  readonly kind: 'MetricAlarm';
  readonly config: AlarmConfig;
  /** Id of the single metric in events. With Metrics, each query has its own Id. */
  readonly metricId: string;
}
export interface CompositeAlarm extends Common {
  readonly kind: 'CompositeAlarm';
  readonly config: CompositeConfig;
}
export type Alarm = MetricAlarm | CompositeAlarm;

export interface AlarmsOptions {
  readonly arnOf: (alarmName: string) => string;
  readonly store: MetricStore;
  readonly onEvent: (event: ServiceEvent) => void;
  readonly onProblem: (problem: string) => void;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export class Alarms {
  readonly all = new Map<string, Alarm>();
  readonly history: HistoryItem[] = [];
  private readonly ambiguous = new Set<string>();

  constructor(private readonly options: AlarmsOptions) {}

  /** Creates or updates an alarm. An update keeps the state and overwrites everything else. */
  put(config: AlarmConfig, nowMs: number): void {
    const known = this.all.get(config.name);
    const common = this.commonOf(config.name, known, nowMs);
    this.all.set(config.name, { kind: 'MetricAlarm', config, metricId: randomUUID(), ...common });
    this.recordConfiguration(config.name, known === undefined ? 'create' : 'update', nowMs);
  }

  /** Creates or updates a composite alarm. @throws Error if a child does not exist or the rule refers to itself */
  putComposite(config: CompositeConfig, nowMs: number): void {
    const missing = config.children.filter((name) => !this.all.has(name));
    if (missing.length > 0)
      throw new Error(`the rule of ${config.name} names alarms that do not exist: ${missing.join(', ')}`);
    if (config.children.some((child) => this.dependsOn(child, config.name)))
      throw new Error(`the rule of ${config.name} refers to itself`);
    const fullChild = config.children.find(
      (child) => this.parentsOf(child, config.name).length >= LIMITS.alarm.parentsMax,
    );
    if (fullChild !== undefined)
      throw new Error(
        `the rule of ${config.name} names ${fullChild}, which is already in ${LIMITS.alarm.parentsMax} composite alarms, the maximum`,
      );
    const known = this.all.get(config.name);
    this.all.set(config.name, {
      kind: 'CompositeAlarm',
      config,
      ...this.commonOf(config.name, known, nowMs),
    });
    this.recordConfiguration(config.name, known === undefined ? 'create' : 'update', nowMs);
    this.evaluateComposites(nowMs);
  }

  remove(name: string, nowMs: number): void {
    this.recordConfiguration(name, 'delete', nowMs);
    this.all.delete(name);
  }

  setState(name: string, state: StateChange): void {
    const alarm = this.all.get(name);
    if (alarm !== undefined) this.change(alarm, state);
  }

  /** Evaluates the alarms that are due at this whole second: every minute, ten seconds or hour. */
  evaluateAt(nowMs: number): void {
    for (const alarm of this.all.values()) {
      if (alarm.kind === 'MetricAlarm' && nowMs % stepMsOf(alarm.config) === 0) this.evaluate(alarm, nowMs);
    }
  }

  private evaluate(alarm: MetricAlarm, nowMs: number): void {
    const { config } = alarm;
    const { periodMs, evaluationPeriods, comparison, threshold } = config;
    this.checkUnits(config);
    const startMs = nowMs - rangeMsOf(config);
    const window = { startMs, endMs: nowMs };
    const series = config.queries.evaluate(config.queryId, this.options.store, window, nowMs);
    const periods = Array.from(
      { length: rangeOf(evaluationPeriods) },
      (_, index) => startMs + index * periodMs,
    );
    const points = periods.map((at) => {
      const value = series.get(at);
      return value === undefined ? undefined : comparison.breaches(value, threshold);
    });
    const state = evaluate(points, config, alarm.state.value);
    if (state === alarm.state.value) return;
    const real = periods.flatMap((at): [number, number][] => {
      const value = series.get(at);
      return value === undefined ? [] : [[at, value]];
    });
    const evaluated = { alarm: config, points: real.slice(-evaluationPeriods), startMs, nowMs };
    this.change(alarm, explain(alarm.state.value, state, evaluated));
  }

  /** Warns of an alarm without a unit on a metric with several: AWS documents that its state is unpredictable. */
  private checkUnits({ name, queries }: AlarmConfig): void {
    for (const { metric, unit } of queries.metrics()) {
      const units = this.options.store.unitsOf(metric);
      if (unit !== undefined || units.length < 2 || this.ambiguous.has(name)) continue;
      this.ambiguous.add(name);
      this.options.onProblem(
        `The state of alarm ${name} is unpredictable: it has no unit, but ${metric.name} has ${units.join(' and ')}. Set the alarm's Unit.`,
      );
    }
  }

  private change(alarm: Alarm, state: StateChange): void {
    const previous = alarm.state;
    alarm.state = state;
    if (previous.value === state.value) return;
    alarm.transitionedMs = state.atMs;
    const { name } = alarm.config;
    const summary = `Alarm updated from ${previous.value} to ${state.value}`;
    const data = { version: '1.0', oldState: toHistoryState(previous), newState: toHistoryState(state) };
    this.record(alarm, 'StateUpdate', summary, data, state.atMs);
    this.options.onEvent({
      source: 'aws.cloudwatch',
      detailType: 'CloudWatch Alarm State Change',
      resources: [alarm.arn],
      detail: {
        alarmName: name,
        state: toEventState(state),
        previousState: toEventState(previous),
        configuration: configurationOf(alarm),
      },
      timeMs: state.atMs,
    });
    this.evaluateComposites(state.atMs, alarm);
  }

  /** @param trigger the child that changed; undefined after a composite alarm was created or updated */
  private evaluateComposites(nowMs: number, trigger?: Alarm): void {
    for (const alarm of this.all.values()) {
      if (alarm.kind !== 'CompositeAlarm') continue;
      const { children, holds, name } = alarm.config;
      if (trigger !== undefined && !children.includes(trigger.config.name)) continue;
      const value = holds((child) => this.all.get(child)?.state.value) ? 'ALARM' : 'OK';
      if (value === alarm.state.value) continue;
      const triggers = (trigger === undefined ? children.map((child) => this.all.get(child)) : [trigger])
        .filter((child) => child !== undefined)
        .map(({ arn, state }) => ({
          arn,
          state: { value: state.value, timestamp: formatTimestamp(state.atMs) },
        }));
      const reason =
        trigger === undefined
          ? `${alarm.arn} was created and its alarm rule evaluates to ${value}`
          : `${trigger.arn} transitioned to ${trigger.state.value}`;
      const reasonData = JSON.stringify({ triggeringAlarms: triggers });
      this.setState(name, { value, reason, reasonData, atMs: nowMs });
    }
  }

  private parentsOf(child: string, excluding: string): Alarm[] {
    return [...this.all.values()].filter(
      ({ kind, config }) =>
        kind === 'CompositeAlarm' && config.name !== excluding && config.children.includes(child),
    );
  }

  private dependsOn(name: string, wanted: string): boolean {
    if (name === wanted) return true;
    const alarm = this.all.get(name);
    if (alarm?.kind !== 'CompositeAlarm') return false;
    return alarm.config.children.some((child) => this.dependsOn(child, wanted));
  }

  private commonOf(name: string, known: Alarm | undefined, nowMs: number): Common {
    const reason = 'Unchecked: Initial alarm creation';
    const initial: StateChange = { value: 'INSUFFICIENT_DATA', reason, atMs: nowMs };
    return {
      arn: this.options.arnOf(name),
      configuredMs: nowMs,
      state: known?.state ?? initial,
      transitionedMs: known?.transitionedMs ?? nowMs,
    };
  }

  private recordConfiguration(name: string, operation: 'create' | 'update' | 'delete', nowMs: number): void {
    const alarm = this.all.get(name);
    if (alarm === undefined) return;
    const verb = { create: 'created', update: 'updated', delete: 'deleted' }[operation];
    const data = { version: '1.0', type: verb, configuration: alarm.config.given };
    this.record(alarm, 'ConfigurationUpdate', `Alarm "${name}" ${verb}`, data, nowMs);
    this.options.onEvent({
      source: 'aws.cloudwatch',
      detailType: 'CloudWatch Alarm Configuration Change',
      resources: [alarm.arn],
      detail: {
        alarmName: name,
        operation,
        state: { value: alarm.state.value, timestamp: formatTimestamp(alarm.state.atMs) },
        configuration: configurationOf(alarm),
      },
      timeMs: nowMs,
    });
  }

  private record(
    { kind, config }: Alarm,
    type: HistoryItem['type'],
    summary: string,
    data: object,
    atMs: number,
  ): void {
    this.history.push({ alarmName: config.name, alarmType: kind, atMs, type, summary, data });
  }
}

function stepMsOf({ periodMs, evaluationPeriods }: AlarmConfig): number {
  if (periodMs * evaluationPeriods > DAY_MS) return 60 * MINUTE_MS;
  return periodMs < MINUTE_MS ? 10_000 : MINUTE_MS;
}

const toEventState = ({ value, reason, reasonData, atMs }: StateChange): object => ({
  value,
  reason,
  ...(reasonData === undefined ? {} : { reasonData }),
  timestamp: formatTimestamp(atMs),
});

function toHistoryState({ value, reason, reasonData }: StateChange): object {
  return {
    stateValue: value,
    stateReason: reason,
    ...(reasonData === undefined ? {} : { stateReasonData: parseOrText(reasonData) }),
  };
}

/** Falls back to the text: data that was truncated is not JSON. */
function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function configurationOf(alarm: Alarm): object {
  const { AlarmDescription: description } = alarm.config.given;
  const described = description === undefined ? {} : { description };
  if (alarm.kind === 'CompositeAlarm') return { alarmRule: alarm.config.given.AlarmRule, ...described };
  const { queries } = alarm.config.queries;
  const single = alarm.config.given.Metrics === undefined;
  const metrics = queries.map(({ Id, MetricStat: stat, Expression, Label, ReturnData = true }) => ({
    id: single ? alarm.metricId : Id,
    ...(Expression === undefined ? {} : { expression: Expression }),
    ...(Label === undefined ? {} : { label: Label }),
    ...(stat === undefined
      ? {}
      : {
          metricStat: {
            metric: {
              dimensions: Object.fromEntries(
                (stat.Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]),
              ),
              name: stat.Metric.MetricName,
              namespace: stat.Metric.Namespace,
            },
            period: stat.Period,
            stat: stat.Stat,
            ...(stat.Unit === undefined ? {} : { unit: stat.Unit }),
          },
        }),
    returnData: ReturnData,
  }));
  return { ...described, metrics };
}
