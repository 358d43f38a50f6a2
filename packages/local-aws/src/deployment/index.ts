export { codeDirectoryIn, copyCode, pruneCode } from './code-store';
export { deletedTables, Deployer, tablesOf } from './deployer';
export { policiesFor } from './holders';
export { loadStack, saveStack } from './stack-file';
