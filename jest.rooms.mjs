const transform = {
  '^.+\\.sql$': '<rootDir>/jest.sql.cjs',
  '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
};

/** Folders of tests by room. */
const ROOMS = {
  product: ['adapters', 'cli', 'contract', 'core', 'docs', 'lambdas', 'lib', 'migrations', 'tidy'].map(
    (folder) => `test/${folder}`,
  ),
  engine: ['packages/local-aws/test'],
  rehearsal: ['test/rehearsal'],
  tools: ['test/tools'],
};

/**
 * One Jest project per room.
 * @param kinds of test files, by their suffix: '' (under a second or two), 'whole' (longer), 'long' (repeated by seed),
 * 'judge' (compares with a program that is not in the npm registry)
 */
export const configFor = (kinds) => ({
  projects: Object.entries(ROOMS).map(([displayName, folders]) => ({
    displayName,
    transform,
    testRegex: folders.flatMap((folder) =>
      kinds.map((kind) => `/${folder}/(.+/)?[^/.]+${kind === '' ? '' : `\\.${kind}`}\\.test\\.ts$`),
    ),
    modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/build', '<rootDir>/.sluice'],
  })),
  globalSetup: './test/support/before-all.ts',
  globalTeardown: './test/support/after-all.ts',
  testSequencer: './jest.sequencer.mjs',
  testTimeout: 60_000,
  maxWorkers: 2,
});
