/** The parts that the command lines of all tools share. */
import { constants } from 'node:os';
import { failureJson, helpJson, isJsonRequested, type FailureKind } from '../src/cli/json-output';

/** The command line is wrong; the message says how to correct it. */
export class UsageError extends Error {}

export interface Tool {
  /** Its script in package.json. */
  readonly name: string;
  readonly help: string;
  /** Completes "--help …", e.g. `lists the flags`. */
  readonly helpDoes: string;
  /** Reads the command line, and runs. @returns false if the tool ran and found a fault @throws UsageError */
  readonly run: () => Promise<boolean>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a tool. Reports a failure on stderr, by the exit code and, with `--json`, as the only object on stdout. */
export async function runTool({ name, help, helpDoes, run }: Tool): Promise<void> {
  const words = process.argv.slice(2);
  const isJson = isJsonRequested(words);
  const fail = (kind: FailureKind, message: string): void => {
    if (isJson) process.stdout.write(`${failureJson(name, kind, message)}\n`);
  };
  if (words.includes('--help')) {
    console.log(isJson ? helpJson(name, help) : help);
    return;
  }
  const interrupt = (signal: NodeJS.Signals): void => {
    fail('interrupted', 'interrupted');
    process.exit(128 + constants.signals[signal]);
  };
  // Without --json, a signal ends the process by itself.
  for (const signal of isJson ? SIGNALS : []) process.on(signal, interrupt);
  try {
    if (!(await run())) process.exitCode = 1;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${name}: ${error.message}\nnpm run ${name} -- --help ${helpDoes}.`);
      fail('usage', error.message);
      process.exitCode = 2;
      return;
    }
    fail('unexpected', error instanceof Error ? error.message : String(error));
    // A bug: Node.js prints its stack and exits with 1.
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}
