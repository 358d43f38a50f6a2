/** Limits of EventBridge; sources in packages/local-aws/docs/monitoring-support.md. */
export const LIMITS = {
  requestBytesMax: 1024 * 1024,
  entriesMax: 10,
  /** For all entries of a request together. */
  entryBytesMax: 256 * 1024,
  /** The default quota; AWS raises it to 4,096 on request. */
  patternLengthMax: 2048,
  descriptionLengthMax: 512,
  targetsPerRuleMax: 5,
  targetIdLengthMax: 64,
  arnLengthMax: 1600,
  inputLengthMax: 8192,
  variablesMax: 100,
  templateLengthMax: 8192,
  pathLengthMax: 256,
  retryAttemptsMax: 185,
  eventAgeSeconds: { min: 60, max: 86_400 },
} as const;
