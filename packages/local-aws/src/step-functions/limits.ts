/** Hard limits of Standard workflows. Source: the service quotas of AWS Step Functions. */
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
  /** Standard child workflow executions that one Map Run starts per second. */
  childrenPerSecondMax: 100,
  secondsMax: 99_999_999,
  tagsMax: 50,
  /** After this time since its end, an execution is forgotten and its name may be reused. */
  retentionMs: 90 * 24 * 60 * 60 * 1000,
  /** How long after its end an execution may be redriven. */
  redrivableMs: 14 * 24 * 60 * 60 * 1000,
  mapRunRedrivesMax: 1000,
  taskTokenLengthMax: 2048,
  intrinsicsPerFieldMax: 10,
  variableNameLengthMax: 80,
  /** Size of one variable, and of all variables in one Assign. */
  assignBytesMax: 262_144,
  /** Size of all variables of an execution. */
  variablesBytesMax: 10_485_760,
  maxDelaySecondsMax: 31_622_400,
} as const;
