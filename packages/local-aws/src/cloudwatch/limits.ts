/** Limits of CloudWatch metrics, alarms and embedded metric format; sources in packages/local-aws/docs/monitoring-support.md. */
const HOUR_MS = 3_600_000;

export const LIMITS = {
  requestBytesMax: 1024 * 1024,
  metricsPerRequestMax: 1000,
  valuesPerMetricMax: 150,
  dimensionsMax: 30,
  namespaceLengthMax: 255,
  nameLengthMax: 255,
  dimensionValueLengthMax: 1024,
  valueMax: 2 ** 360,
  pastMsMax: 14 * 24 * HOUR_MS,
  futureMsMax: 2 * HOUR_MS,
  queriesMax: 500,
  pointsMax: 100_800,
  highResolutionMs: 3 * HOUR_MS,
  alarm: {
    nameLengthMax: 255,
    descriptionLengthMax: 1024,
    tagsMax: 50,
    /** Queries that retrieve a metric. */
    metricsMax: 10,
    expressionsMax: 10,
    reasonLengthMax: 1023,
    reasonDataLengthMax: 4000,
    ruleLengthMax: 10_240,
    childrenMax: 100,
    /** Composite alarms that refer to the same alarm. */
    parentsMax: 150,
  },
  expressionLengthMax: 2048,
  emf: {
    lineBytesMax: 1024 * 1024,
    metricsPerDirectiveMax: 100,
    valuesPerMetricMax: 100,
    dimensionNameLengthMax: 250,
  },
} as const;

const RATES = 'Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits Terabits Count';
export const UNITS: readonly string[] = [
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'None'],
  ...RATES.split(' '),
  ...RATES.split(' ').map((unit) => `${unit}/Second`),
];
