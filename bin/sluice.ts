/** The command line: `npx sluice <command>`. */
import './sql-text.cjs';
import '../src/cli/quiet-sdk';
import { commandIn, failureJson, isJsonRequested } from '../src/cli/json-output';
import { main } from '../src/cli/main';
import { processTerminal } from '../src/cli/process-terminal';
import { VERBS } from '../src/cli/verbs';

const words = process.argv.slice(2);
const lastLine = isJsonRequested(words)
  ? failureJson(commandIn(words), 'interrupted', 'interrupted')
  : undefined;

void main(VERBS, words, processTerminal(lastLine)).then((code) => {
  process.exitCode = code;
});
