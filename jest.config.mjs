const transform = {
  '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
};

/**
 * `fast` runs before every commit; `whole` (files named *.whole.test.ts) takes minutes and runs with it in `npm test`;
 * `judges` (*.judge.test.ts) need what the registry of this project does not bring, and run in CI.
 */
export default {
  projects: [
    {
      displayName: 'fast',
      transform,
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.(whole|judge)\\.test\\.ts$'],
      modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/build', '<rootDir>/.sluice'],
    },
    {
      displayName: 'whole',
      transform,
      testMatch: ['<rootDir>/test/**/*.whole.test.ts'],
      modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/build', '<rootDir>/.sluice'],
    },
    {
      displayName: 'judges',
      transform,
      testMatch: ['<rootDir>/test/**/*.judge.test.ts'],
      modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/build', '<rootDir>/.sluice'],
    },
  ],
  globalSetup: './test/support/before-all.ts',
  globalTeardown: './test/support/after-all.ts',
  testSequencer: './jest.sequencer.mjs',
  testTimeout: 60_000,
  maxWorkers: 2,
};
