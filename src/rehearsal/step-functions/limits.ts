/** Hard limits of Step Functions, Standard workflows. Source: AWS service quotas. */
export const LIMITS = {
  /** Input and output of an execution, a state and a task, as UTF-8 JSON. */
  dataBytesMax: 262_144,
  historyEventsMax: 25_000,
  definitionBytesMax: 1_048_576,
  requestBytesMax: 1_048_576,
  stateNameLengthMax: 80,
  labelLengthMax: 40,
  inlineConcurrencyMax: 40,
  distributedConcurrencyMax: 10_000,
  /** Children that one Map Run of Standard children starts per second. */
  childrenPerSecondMax: 100,
  secondsMax: 99_999_999,
  maxDelaySecondsMax: 31_622_400,
} as const;
