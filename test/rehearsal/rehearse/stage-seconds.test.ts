import { secondsPerStage } from '../../../src/rehearsal/rehearse/stage-seconds';

const at = (seconds: number, name: string | null, type = 'TaskStateEntered') => ({
  timestamp: new Date(seconds * 1000),
  type,
  ...(name === null ? {} : { stateEnteredEventDetails: { name } }),
});

const journalEntry = (seconds: number, event: string) => ({
  at: new Date(seconds * 1000).toISOString(),
  event,
});

test('a stage lasts from entering its state until the next; the times of waves add up', () => {
  expect(
    secondsPerStage(
      [
        at(0, null, 'ExecutionStarted'),
        at(0, 'MigrationNamed', 'ChoiceStateEntered'),
        at(0, 'ClaimMigration'),
        at(1, 'Shape', 'ChoiceStateEntered'),
        at(1, 'OfflineFence'),
        at(1.5, null, 'TaskSucceeded'),
        at(3.25, 'OfflineNextCopyWave'),
        at(4, 'OfflineNextCopyWaveVerdict', 'ChoiceStateEntered'),
        at(4, 'OfflineCopy', 'MapStateEntered'),
        at(10, 'OfflineNextCopyWave'),
        at(11, 'OfflineNextVerifyWave'),
        at(12, 'OfflineVerify', 'MapStateEntered'),
        at(14, 'OfflineJudge'),
        at(15, 'OfflineCutover'),
        at(16, 'OfflineMoved', 'SucceedStateEntered'),
        at(16, null, 'ExecutionSucceeded'),
      ],
      [],
    ),
  ).toEqual({ 'claim-migration': 1, fence: 2.25, backfill: 7.75, verify: 4, cutover: 1 });
});

test('the last stage of a stopped execution ends with it', () => {
  expect(secondsPerStage([at(5, 'Preflight'), at(9, null, 'ExecutionAborted')], [])).toEqual({
    preflight: 4,
  });
});

test('both shapes have the same names of stages, and catching up is one stage', () => {
  const names = [
    ...['Prepare', 'Shape', 'CdcStartCapture', 'CdcPlan', 'CdcStartSync'],
    ...['CdcNextCopyWave', 'CdcNextCopyWaveVerdict', 'CdcCopy', 'CdcNextVerifyWave', 'CdcVerify'],
    ...['CdcCatchUp', 'CdcCatchUpVerdict', 'CdcWaitForSync', 'CdcCatchUp', 'CdcCutover', 'CdcCancelCutover'],
    ...['CdcStopCapture', 'CdcMoved'],
  ];
  const events = names.map((name, index) => at(index, name));
  expect(secondsPerStage([...events, at(names.length, null, 'ExecutionSucceeded')], [])).toEqual({
    prepare: 2,
    'start-capture': 1,
    plan: 1,
    'start-sync': 1,
    backfill: 3,
    verify: 2,
    'catch-up': 4,
    cutover: 1,
    'cancel-cutover': 1,
    'stop-capture': 2,
  });
});

describe('the stages of a cutover', () => {
  const cutover = [
    at(10, 'CdcCutover'),
    at(20, 'CdcCutoverVerdict', 'ChoiceStateEntered'),
    at(20, 'CdcStopCapture'),
    at(21, null, 'ExecutionSucceeded'),
  ];

  test('the journal gives the end of each', () => {
    const journal = [
      journalEntry(9, 'catch-up finished'),
      journalEntry(10.5, 'fence intended'),
      journalEntry(11, 'fence finished'),
      journalEntry(13, 'drain finished'),
      journalEntry(16, 'verify finished'),
      journalEntry(17, 'seal finished'),
      journalEntry(18, 'flip finished'),
      journalEntry(19.5, 'open finished'),
    ];
    expect(secondsPerStage(cutover, journal)).toEqual({
      ...{ fence: 1, drain: 2, verify: 3, seal: 1, flip: 1, open: 2, 'stop-capture': 1 },
    });
  });

  test('a cancelled attempt counts its finished stages, and the remaining time as cutover', () => {
    const again = [at(0, 'CdcCutover'), at(5, 'CdcCancelCutover'), at(6, 'CdcCatchUp'), ...cutover];
    const journal = [journalEntry(2, 'fence finished'), journalEntry(12, 'fence finished')];
    expect(secondsPerStage(again, journal)).toEqual({
      fence: 4,
      cutover: 11,
      'cancel-cutover': 1,
      'catch-up': 4,
      'stop-capture': 1,
    });
  });

  test('a step that finishes a cutover counts its stages, too', () => {
    const events = [at(0, 'CdcFinishCutover'), at(4, 'CdcStopCapture'), at(4, null, 'ExecutionSucceeded')];
    expect(secondsPerStage(events, [journalEntry(3, 'open finished')])).toMatchObject({ open: 4 });
  });
});
