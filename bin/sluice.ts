/** The command line: `npx sluice <command>`. */
import { main } from '../src/cli/main';
import { processTerminal } from '../src/cli/process-terminal';
import { VERBS } from '../src/cli/verbs';

// The SDK's releases are pinned to ones that run on every Node that the tools support; its announcement is noise here.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

void main(VERBS, process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
});
