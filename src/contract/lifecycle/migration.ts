/** `Migration`: moves the tables of one migration. A new stage is one row here, one file in core/stages, one in lambdas. */
import { LOGINS } from '../logins';
import type { Fan, FunctionRow, Gate, MachineRow, ShapeRow, Step, StepId, Task } from './model';
import { CARRIER, CUTOVER, LONG, QUICK } from './sizes';

const ALL = LOGINS;
const CONTROL = ['control'] as const;
const WORKER = ['worker'] as const;
const CONTROL_AND_WORKER = ['control', 'worker'] as const;
const VERIFIER = ['verifier'] as const;
const EACH_END = ['from', 'to'] as const;

/** Maximum number of chunks in one round of a wave, whose names must stay below the 256 KiB of a state. */
export const WAVE_ITEMS_MAX = 400;

const FUNCTIONS = {
  claimMigration: {
    name: 'claimMigration',
    size: QUICK,
    input: 'claim',
    describes: ['Migration', 'Sync'],
    // An upgrade takes the migration from the executions that run the earlier code.
    stops: ['Migration', 'Sync'],
    deletesItems: true,
  },
  preflight: {
    name: 'preflight',
    size: LONG,
    input: 'run',
    from: ALL,
    to: ALL,
    rehearsesAt: EACH_END,
  },
  prepare: { name: 'prepare', size: LONG, input: 'run', from: ALL, to: ALL, changes: EACH_END },
  startCapture: {
    name: 'startCapture',
    size: LONG,
    input: 'run',
    from: ['owner', 'worker'],
    to: WORKER,
    changes: ['from'],
    rehearsesAt: ['from'],
  },
  fence: { name: 'fence', size: LONG, input: 'run', from: CONTROL, to: CONTROL, changes: ['from'] },
  plan: {
    name: 'plan',
    size: LONG,
    input: 'run',
    from: WORKER,
    to: CONTROL_AND_WORKER,
    changes: ['to'],
    rehearsesAt: ['from'],
  },
  nextWave: { name: 'nextWave', size: LONG, input: 'run' },
  copyChunk: {
    name: 'copyChunk',
    size: CARRIER,
    input: 'chunk',
    from: WORKER,
    to: CONTROL_AND_WORKER,
    changes: EACH_END,
  },
  verifyChunk: { name: 'verifyChunk', size: CARRIER, input: 'chunk', from: VERIFIER, to: VERIFIER },
  judge: { name: 'judge', size: LONG, input: 'run', deletesItems: true },
  catchUp: {
    name: 'catchUp',
    size: QUICK,
    input: 'run',
    from: CONTROL_AND_WORKER,
    to: ['control', 'verifier'],
    changes: ['from'],
  },
  cutover: {
    name: 'cutover',
    size: CUTOVER,
    input: 'run',
    from: ['control', 'worker', 'verifier'],
    to: ['control', 'verifier'],
    changes: EACH_END,
    deletesItems: true,
  },
  cancelCutover: { name: 'cancelCutover', size: LONG, input: 'run', from: CONTROL, changes: ['from'] },
  stopCapture: { name: 'stopCapture', size: LONG, input: 'run', from: ['owner'], changes: ['from'] },
  disarm: { name: 'disarm', size: LONG, input: 'run', to: CONTROL, changes: ['to'] },
  recordFailure: { name: 'recordFailure', size: QUICK, input: 'failure' },
} as const satisfies Readonly<Record<string, FunctionRow>>;

const claimMigration = {
  id: 'claim-migration',
  kind: 'task',
  function: FUNCTIONS.claimMigration,
  retry: 'stage',
  coveredBy: ['revoke'],
} as const satisfies Task;

const preflight = {
  id: 'preflight',
  kind: 'task',
  function: FUNCTIONS.preflight,
  retry: 'stage',
  finishes: ['preflight'],
} as const satisfies Task;

const prepare = {
  id: 'prepare',
  kind: 'task',
  function: FUNCTIONS.prepare,
  retry: 'stage',
  finishes: ['prepare'],
  coveredBy: ['revoke', 'clean'],
} as const satisfies Task;

const startCapture = {
  id: 'start-capture',
  kind: 'task',
  function: FUNCTIONS.startCapture,
  retry: 'stage',
  finishes: ['start-capture'],
  coveredBy: ['clean'],
} as const satisfies Task;

const fence = {
  id: 'fence',
  kind: 'task',
  function: FUNCTIONS.fence,
  retry: 'stage',
  finishes: ['fence'],
  coveredBy: ['reopen'],
} as const satisfies Task;

const plan = {
  id: 'plan',
  kind: 'task',
  function: FUNCTIONS.plan,
  retry: 'stage',
  finishes: ['plan'],
  coveredBy: ['revoke', 'clean'],
} as const satisfies Task;

/** Copies chunks, wave by wave, until the ledger has none left. */
const copyWaves = (next: StepId) =>
  [
    {
      id: 'next-copy-wave',
      kind: 'gate',
      function: FUNCTIONS.nextWave,
      constants: { purpose: 'copy' },
      retry: 'stage',
      verdicts: { wave: 'copy', empty: next },
      bounded: true,
      finishes: ['backfill'],
    },
    {
      id: 'copy',
      kind: 'map',
      mode: 'distributed',
      itemsMax: WAVE_ITEMS_MAX,
      each: [
        // A child whose history fills up fails; the next wave hands its chunk out again, and it continues from its cursor.
        {
          id: 'copy-chunk',
          kind: 'gate',
          function: FUNCTIONS.copyChunk,
          retry: 'item',
          verdicts: { more: 'copy-chunk', done: 'copied' },
          bounded: true,
          coveredBy: ['revoke', 'clean'],
        },
        { id: 'copied', kind: 'end' },
      ],
      next: 'next-copy-wave',
    },
  ] as const satisfies readonly [Gate, Fan];

/** Compares chunks, wave by wave, until the ledger has none left to compare. */
const verifyWaves = (next: StepId) =>
  [
    {
      id: 'next-verify-wave',
      kind: 'gate',
      function: FUNCTIONS.nextWave,
      constants: { purpose: 'verify' },
      retry: 'stage',
      verdicts: { wave: 'verify', empty: next },
      bounded: true,
    },
    {
      id: 'verify',
      kind: 'map',
      mode: 'distributed',
      itemsMax: WAVE_ITEMS_MAX,
      each: [
        { id: 'verify-chunk', kind: 'task', function: FUNCTIONS.verifyChunk, retry: 'item' },
        { id: 'verified', kind: 'end' },
      ],
      next: 'next-verify-wave',
    },
  ] as const satisfies readonly [Gate, Fan];

/** Removes the triggers of the open guard as soon as their tables can be locked. The migration is done before. */
const disarmed = [
  {
    id: 'disarm',
    kind: 'gate',
    function: FUNCTIONS.disarm,
    retry: 'stage',
    verdicts: { done: 'moved', wait: 'wait-for-locks' },
    bounded: true,
    coveredBy: 'after the flip',
  },
  { id: 'wait-for-locks', kind: 'wait', seconds: 60, next: 'disarm' },
  { id: 'moved', kind: 'end' },
] as const satisfies readonly Step[];

/** Shape `offline`: writes are refused before anything is copied. */
const offline = {
  traits: { capturesChanges: false, fences: 'first' },
  steps: [
    claimMigration,
    preflight,
    prepare,
    fence,
    plan,
    ...copyWaves('next-verify-wave'),
    ...verifyWaves('judge'),
    {
      id: 'judge',
      kind: 'gate',
      function: FUNCTIONS.judge,
      retry: 'stage',
      verdicts: { clean: 'cutover', recopy: 'next-copy-wave' },
      finishes: ['verify'],
    },
    {
      id: 'cutover',
      kind: 'gate',
      function: FUNCTIONS.cutover,
      retry: 'cutover',
      verdicts: { moved: 'disarm' },
      finishes: ['seal', 'flip', 'open'],
      coveredBy: ['reopen', 'clean'],
    },
    ...disarmed,
  ],
} as const satisfies ShapeRow;

/**
 * Shape `cdc`: changes are captured and applied while the application writes; writes are refused for seconds, in the cutover. Up
 * to the flip the cutover is cancelled whenever it does not fit into its fence; after the flip it only continues.
 */
const cdc = {
  traits: { capturesChanges: true, fences: 'cutover' },
  steps: [
    claimMigration,
    preflight,
    prepare,
    startCapture,
    plan,
    { id: 'start-sync', kind: 'start', machine: 'Sync', retry: 'start' },
    ...copyWaves('next-verify-wave'),
    ...verifyWaves('catch-up'),
    {
      id: 'catch-up',
      kind: 'gate',
      function: FUNCTIONS.catchUp,
      retry: 'poll',
      verdicts: {
        ready: 'cutover',
        copy: 'next-copy-wave',
        verify: 'next-verify-wave',
        wait: 'wait-for-sync',
      },
      bounded: true,
      finishes: ['catch-up'],
      // It opens what a cancelled cutover left closed.
      coveredBy: ['reopen'],
    },
    { id: 'wait-for-sync', kind: 'wait', seconds: 'verdict', next: 'catch-up' },
    {
      id: 'cutover',
      kind: 'gate',
      function: FUNCTIONS.cutover,
      retry: 'fenced',
      verdicts: { moved: 'stop-capture', returned: 'next-copy-wave' },
      errors: { fenceExpired: 'cancel-cutover', exhausted: 'cancel-cutover' },
      finishes: ['fence', 'drain', 'verify', 'seal', 'flip', 'open'],
      coveredBy: ['reopen', 'clean'],
    },
    {
      id: 'cancel-cutover',
      kind: 'gate',
      function: FUNCTIONS.cancelCutover,
      retry: 'cutover',
      verdicts: { cancelled: 'catch-up', flipped: 'finish-cutover' },
      coveredBy: ['reopen'],
    },
    {
      id: 'finish-cutover',
      kind: 'gate',
      function: FUNCTIONS.cutover,
      retry: 'cutover',
      verdicts: { moved: 'stop-capture' },
      coveredBy: 'after the flip',
    },
    {
      id: 'stop-capture',
      kind: 'task',
      function: FUNCTIONS.stopCapture,
      retry: 'stage',
      finishes: ['stop-capture'],
      coveredBy: 'after the flip',
    },
    ...disarmed,
  ],
} as const satisfies ShapeRow;

/** How a migration moves. A new shape is one row. */
export const SHAPES = { offline, cdc } as const satisfies Readonly<Record<string, ShapeRow>>;

const DAY_SECONDS = 86_400;

export const MIGRATION = {
  name: 'Migration',
  timeoutSeconds: 30 * DAY_SECONDS,
  requires: [],
  defaults: { code: 'recorded' },
  remedy: 'Start the execution with {"migration": "<name>"}.',
  onFailure: { id: 'record-failure', kind: 'task', function: FUNCTIONS.recordFailure, retry: 'stage' },
  eventBudget: 23_000,
} as const satisfies MachineRow;
