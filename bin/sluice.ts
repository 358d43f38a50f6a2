/** The command line: `npx sluice <command>`. */
import { main } from '../src/cli/main';
import { processTerminal } from '../src/cli/process-terminal';
import { VERBS } from '../src/cli/verbs';

void main(VERBS, process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
});
