import { secondsPerStage } from '../../../src/rehearsal/rehearse/stage-seconds';

const at = (seconds: number, name: string | null, type = 'TaskStateEntered') => ({
  timestamp: new Date(seconds * 1000),
  type,
  ...(name === null ? {} : { stateEnteredEventDetails: { name } }),
});

test('a stage lasts from entering its state to entering the next; waves add up', () => {
  expect(
    secondsPerStage([
      at(0, null, 'ExecutionStarted'),
      at(0, 'Begin'),
      at(1, 'FenceSource'),
      at(1.5, null, 'TaskSucceeded'),
      at(3.25, 'NextCopyWave'),
      at(4, 'Copy', 'MapStateEntered'),
      at(10, 'NextCopyWave'),
      at(11, 'CopyWaveEmpty', 'ChoiceStateEntered'),
      at(11, 'NextVerifyWave'),
      at(12, 'Verify', 'MapStateEntered'),
      at(14, 'Judge'),
      at(15, 'OpenTarget'),
      at(16, 'Moved', 'SucceedStateEntered'),
      at(16, null, 'ExecutionSucceeded'),
    ]),
  ).toEqual({ begin: 1, 'fence-source': 2.25, backfill: 7.75, verify: 4, 'open-target': 1 });
});

test('an execution that was stopped ends its last stage', () => {
  expect(secondsPerStage([at(5, 'Preflight'), at(9, null, 'ExecutionAborted')])).toEqual({ preflight: 4 });
});

test('both shapes call their stages by the same names, and catching up is one stage', () => {
  const names = [
    ...['Prepare', 'Shape', 'StartCapture', 'LivePlan', 'FirstSync', 'StartSync', 'NoRounds'],
    ...['NextLiveCopyWave', 'LiveCopyWaveEmpty', 'LiveCopy', 'NextLiveVerifyWave', 'LiveVerify'],
    ...['NextRound', 'RoundsLeft', 'CatchUp', 'CatchUpVerdict', 'WaitForSync'],
    ...['LiveFenceSource', 'Drain', 'VerifyFenced', 'VerifyFencedVerdict', 'LiveSeal', 'LiveFlip'],
    ...['LiveOpenTarget', 'StopCapture', 'Moved'],
  ];
  const events = names.map((name, index) => at(index, name));
  expect(secondsPerStage([...events, at(names.length, null, 'ExecutionSucceeded')])).toEqual({
    prepare: 2,
    'start-capture': 1,
    plan: 1,
    'start-sync': 3,
    backfill: 3,
    verify: 2,
    'catch-up': 5,
    'fence-source': 1,
    drain: 1,
    'verify-fenced': 2,
    seal: 1,
    flip: 1,
    'open-target': 2,
    'stop-capture': 1,
  });
});
