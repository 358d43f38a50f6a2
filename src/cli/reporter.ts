import { commandIn, failureJson, helpJson, isJsonRequested, type FailureKind } from './json-output';
import { EXIT, type ExitCode, type Terminal } from './terminal';

const EXIT_CODES: Readonly<Record<FailureKind, ExitCode>> = {
  usage: EXIT.usage,
  failed: EXIT.failed,
  interrupted: EXIT.interrupted,
  unexpected: EXIT.failed,
};

/** Reports how a command line ends: failures on `err`, and with `--json` also as the only object on `out`. */
export class Reporter {
  /** For the verb: remembers whether the verb printed its result. */
  readonly terminal: Terminal;
  private readonly command: string | null;
  private readonly isJson: boolean;
  private hasResult = false;

  constructor(words: readonly string[], terminal: Terminal) {
    this.command = commandIn(words);
    this.isJson = isJsonRequested(words);
    this.terminal = {
      ...terminal,
      out: (line) => {
        this.hasResult = true;
        terminal.out(line);
      },
    };
  }

  help(text: string): ExitCode {
    this.terminal.out(this.isJson ? helpJson(this.command, text) : text);
    return EXIT.ok;
  }

  /** @param text for `err`. @default the command and the message */
  failure(kind: FailureKind, message: string, text = `sluice ${this.command}: ${message}`): ExitCode {
    this.terminal.err(text);
    if (this.isJson && !this.hasResult) this.terminal.out(failureJson(this.command, kind, message));
    return EXIT_CODES[kind];
  }
}
