import { secondsPerStage } from '../../../src/rehearsal/rehearse/stage-seconds';

const at = (seconds: number, name: string | null, type = 'TaskStateEntered') => ({
  timestamp: new Date(seconds * 1000),
  type,
  ...(name === null ? {} : { stateEnteredEventDetails: { name } }),
});

const noted = (seconds: number, event: string) => ({ at: new Date(seconds * 1000).toISOString(), event });

test('a stage lasts from entering its state to entering the next; waves add up', () => {
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

test('an execution that was stopped ends its last stage', () => {
  expect(secondsPerStage([at(5, 'Preflight'), at(9, null, 'ExecutionAborted')], [])).toEqual({
    preflight: 4,
  });
});

test('both shapes call their stages by the same names, and catching up is one stage', () => {
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

  test('are divided by the journal', () => {
    const journal = [
      noted(9, 'catch-up finished'),
      noted(10.5, 'fence intended'),
      noted(11, 'fence finished'),
      noted(13, 'drain finished'),
      noted(16, 'verify finished'),
      noted(17, 'seal finished'),
      noted(18, 'flip finished'),
      noted(19.5, 'open finished'),
    ];
    expect(secondsPerStage(cutover, journal)).toEqual({
      ...{ fence: 1, drain: 2, verify: 3, seal: 1, flip: 1, open: 2, 'stop-capture': 1 },
    });
  });

  test('of an attempt that did not finish count as far as it came; the rest is the cutover', () => {
    const again = [at(0, 'CdcCutover'), at(5, 'CdcCancelCutover'), at(6, 'CdcCatchUp'), ...cutover];
    const journal = [noted(2, 'fence finished'), noted(12, 'fence finished')];
    expect(secondsPerStage(again, journal)).toEqual({
      fence: 4,
      cutover: 11,
      'cancel-cutover': 1,
      'catch-up': 4,
      'stop-capture': 1,
    });
  });

  test('continue in the step that finishes it', () => {
    const events = [at(0, 'CdcFinishCutover'), at(4, 'CdcStopCapture'), at(4, null, 'ExecutionSucceeded')];
    expect(secondsPerStage(events, [noted(3, 'open finished')])).toMatchObject({ open: 4 });
  });
});
