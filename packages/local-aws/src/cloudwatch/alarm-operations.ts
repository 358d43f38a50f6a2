/** Implements DescribeAlarms, DescribeAlarmHistory, SetAlarmState, PutMetricAlarm and DeleteAlarms. */
import {
  integer,
  list,
  number,
  oneOf,
  operation,
  ServiceError,
  structure,
  text,
  textOf,
  type Shape,
} from '../aws-json';
import { ALARM, ALARM_NAME, readAlarm } from './alarm-config';
import type { Alarm, Alarms, HistoryItem } from './alarms';
import { LIMITS } from './limits';
import { isJson } from '../is-json';

export interface AlarmService {
  readonly alarms: Alarms;
  readonly nowMs: () => number;
}

type RequestOf<S> = S extends Shape<infer T> ? T : never;

const STATE = oneOf('OK', 'ALARM', 'INSUFFICIENT_DATA');
const TYPES = list(oneOf('MetricAlarm', 'CompositeAlarm', 'LogAlarm'));
const NAMES_MAX = 100;
const ALARM_NAMES = list(ALARM_NAME, NAMES_MAX);
const { reasonLengthMax, reasonDataLengthMax } = LIMITS.alarm;

const DESCRIBE_ALARMS = structure(
  {},
  {
    ...{ AlarmNames: ALARM_NAMES, AlarmNamePrefix: ALARM_NAME, AlarmTypes: TYPES, StateValue: STATE },
    ...{ MaxRecords: integer, NextToken: text },
  },
);
const DESCRIBE_ALARM_HISTORY = structure(
  {},
  {
    ...{
      AlarmName: ALARM_NAME,
      AlarmTypes: TYPES,
      HistoryItemType: text,
      StartDate: number,
      EndDate: number,
    },
    ...{ MaxRecords: integer, NextToken: text },
    ScanBy: oneOf('TimestampAscending', 'TimestampDescending'),
  },
);
const SET_ALARM_STATE = structure(
  { AlarmName: ALARM_NAME, StateValue: STATE, StateReason: textOf(0, reasonLengthMax) },
  { StateReasonData: textOf(0, reasonDataLengthMax) },
);

export function alarmOperations(service: AlarmService) {
  const { alarms, nowMs } = service;
  return {
    DescribeAlarms: operation(DESCRIBE_ALARMS, (request) => describeAlarms(alarms, request)),
    DescribeAlarmHistory: operation(DESCRIBE_ALARM_HISTORY, (request) => describeHistory(alarms, request)),
    SetAlarmState: operation(SET_ALARM_STATE, (request) => {
      const { AlarmName: name, StateValue: value, StateReason: reason, StateReasonData: data } = request;
      if (!alarms.all.has(name)) throw notFound([name]);
      if (data !== undefined && !isJson(data))
        throw new ServiceError('InvalidFormatFault', 'StateReasonData is not JSON', 400, 'InvalidFormat');
      alarms.setState(name, { value, reason, reasonData: data, atMs: nowMs() });
      return {};
    }),
    PutMetricAlarm: operation(ALARM, (request) => {
      alarms.put(
        withValidation(() => readAlarm(request)),
        nowMs(),
      );
      return {};
    }),
    DeleteAlarms: operation(structure({ AlarmNames: ALARM_NAMES }, {}), ({ AlarmNames }) => {
      const missing = AlarmNames.filter((name) => !alarms.all.has(name));
      if (missing.length > 0) throw notFound(missing);
      for (const name of AlarmNames) alarms.remove(name, nowMs());
      return {};
    }),
  };
}

const notFound = (names: readonly string[]): ServiceError =>
  new ServiceError('ResourceNotFound', `The alarm does not exist: ${names.join(', ')}`, 404);

function withValidation<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ServiceError('InvalidParameterValueException', (error as Error).message);
  }
}

/** Describes only metric alarms, unless AlarmTypes includes others. */
function describeAlarms(alarms: Alarms, request: RequestOf<typeof DESCRIBE_ALARMS>): object {
  const { AlarmNames, AlarmNamePrefix = '', AlarmTypes = ['MetricAlarm'], StateValue } = request;
  const wanted = [...alarms.all.values()]
    .filter(
      ({ kind, config, state }) =>
        AlarmTypes.includes(kind) &&
        (AlarmNames?.includes(config.name) ?? true) &&
        config.name.startsWith(AlarmNamePrefix) &&
        (StateValue ?? state.value) === state.value,
    )
    .sort((one, other) => (one.config.name < other.config.name ? -1 : 1));
  const { items, ...next } = paginate(wanted, request);
  const viewed = (kind: Alarm['kind']): object[] =>
    items.filter((alarm) => alarm.kind === kind).map(describeAlarm);
  return {
    MetricAlarms: viewed('MetricAlarm'),
    CompositeAlarms: viewed('CompositeAlarm'),
    LogAlarms: [],
    ...next,
  };
}

function describeAlarm({ arn, configuredMs, transitionedMs, state, config, kind }: Alarm): object {
  const given = Object.fromEntries(Object.entries(config.given).filter(([name]) => name !== 'Tags'));
  return {
    ...(kind === 'MetricAlarm' ? { TreatMissingData: 'missing', Dimensions: [] } : {}),
    ...given,
    ActionsEnabled: config.given.ActionsEnabled ?? true,
    ...{ OKActions: [], AlarmActions: [], InsufficientDataActions: [] },
    AlarmArn: arn,
    AlarmConfigurationUpdatedTimestamp: configuredMs / 1000,
    StateValue: state.value,
    StateReason: state.reason,
    ...(state.reasonData === undefined ? {} : { StateReasonData: state.reasonData }),
    StateUpdatedTimestamp: state.atMs / 1000,
    StateTransitionedTimestamp: transitionedMs / 1000,
  };
}

/** Describes the newest items first, unless ScanBy says otherwise. */
function describeHistory(alarms: Alarms, request: RequestOf<typeof DESCRIBE_ALARM_HISTORY>): object {
  const {
    AlarmName,
    AlarmTypes = ['MetricAlarm'],
    HistoryItemType,
    StartDate = 0,
    EndDate = Infinity,
  } = request;
  const wanted = alarms.history.filter(
    ({ alarmName, alarmType, type, atMs }) =>
      (AlarmName ?? alarmName) === alarmName &&
      AlarmTypes.includes(alarmType) &&
      (HistoryItemType ?? type) === type &&
      atMs >= StartDate * 1000 &&
      atMs <= EndDate * 1000,
  );
  if (request.ScanBy !== 'TimestampAscending') wanted.reverse();
  const { items, ...next } = paginate(wanted, request);
  return { AlarmHistoryItems: items.map(describeHistoryItem), ...next };
}

const describeHistoryItem = ({ alarmName, alarmType, atMs, type, summary, data }: HistoryItem): object => ({
  AlarmName: alarmName,
  AlarmType: alarmType,
  Timestamp: atMs / 1000,
  HistoryItemType: type,
  HistorySummary: summary,
  HistoryData: JSON.stringify(data),
});

function paginate<T>(
  all: readonly T[],
  { MaxRecords = 100, NextToken = '0' }: { MaxRecords?: number | undefined; NextToken?: string | undefined },
): { items: readonly T[]; NextToken?: string } {
  if (MaxRecords < 1 || MaxRecords > 100)
    throw new ServiceError(
      'InvalidParameterValueException',
      `MaxRecords ${MaxRecords} is not between 1 and 100`,
    );
  const from = Number(NextToken);
  if (!Number.isInteger(from) || from < 0 || from > all.length)
    throw new ServiceError('InvalidNextToken', `NextToken ${NextToken} was not issued by this service`);
  const end = from + MaxRecords;
  return { items: all.slice(from, end), ...(end < all.length ? { NextToken: String(end) } : {}) };
}
