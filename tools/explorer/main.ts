/** `npm run explore`: explores every scenario, then every mutation. `--help` lists the flags. */
import { parseArgs } from 'node:util';
import { runTool, UsageError } from '../command-line';
import { explore, type Exploration } from './explore';
import type { MutationTest } from './disabling';
import { MUTATIONS } from './mutations';
import { SCENARIOS } from './scenarios/all';

const HELP = `npm run explore -- [flags]

Explores every order of steps of each scenario, up to its bound on states, and then each mutation, which disables one
protection. Exit code 1: a scenario has a violation, or a mutation does no harm.

Flags:
  --only TEXT   only scenarios and mutations whose name contains TEXT
  --states N    another bound on the states of each scenario
  --scenarios   only the scenarios
  --mutations   only the mutations
  --json        print one JSON object on one line
  --help        show this help`;

interface Options {
  readonly json: boolean;
  readonly only: string;
  readonly statesMax: number | undefined;
  readonly scenarios: boolean;
  readonly mutations: boolean;
}

/** @throws UsageError */
function readCommandLine(): Options {
  const { values } = parsed();
  const { json, only, states, scenarios, mutations } = values;
  if (states !== undefined && !/^[1-9]\d*$/.test(states))
    throw new UsageError(`--states is ${JSON.stringify(states)}; give a whole number above 0`);
  const statesMax = states === undefined ? undefined : Number(states);
  const all = scenarios === mutations;
  return { json, only, statesMax, scenarios: all || scenarios, mutations: all || mutations };
}

function parsed() {
  try {
    return parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        states: { type: 'string' },
        mutations: { type: 'boolean', default: false },
        scenarios: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

type Log = (line: string) => void;

interface MutationResult {
  readonly mutation: MutationTest;
  readonly exploration: Exploration;
}

async function exploreScenarios({ only, statesMax }: Options, log: Log): Promise<Exploration[]> {
  const explorations: Exploration[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => name.includes(only))) {
    const exploration = await explore(scenario, statesMax === undefined ? {} : { statesMax });
    explorations.push(exploration);
    const { states, exhausted, depth, seconds, complete, finding } = exploration;
    const extent = complete ? `all, ${depth} steps deep` : `up to ${depth} steps deep`;
    log(
      `${scenario.name}: ${states} states (${extent}; ${exhausted} exhausted retries) in ${seconds} s: ${scenario.about}`,
    );
    if (finding) log(`  VIOLATION: ${finding.what}\n${finding.trace.join('\n')}`);
  }
  return explorations;
}

async function exploreMutations({ only }: Options, log: Log): Promise<MutationResult[]> {
  const results: MutationResult[] = [];
  for (const mutation of MUTATIONS.filter(({ name, protection }) => `${protection} ${name}`.includes(only))) {
    const recover = mutation.inTheEnd === true;
    const exploration = await explore(mutation.scenario, { mutation, recover });
    results.push({ mutation, exploration });
    const { states, finding } = exploration;
    log(`\nWithout the ${mutation.protection} (${mutation.name}), after ${states} states:`);
    log(finding ? `${finding.trace.join('\n')}\n  => ${finding.what}` : '  NO VIOLATION found');
  }
  return results;
}

const reportOf = ({ mutation: { protection, name }, exploration }: MutationResult) => ({
  protection,
  name,
  states: exploration.states,
  seconds: exploration.seconds,
  finding: exploration.finding,
});

/** @returns whether every scenario holds and every mutation does harm */
async function run(options: Options): Promise<boolean> {
  const log: Log = (line) => {
    if (!options.json) console.log(line);
  };
  const scenarios = options.scenarios ? await exploreScenarios(options, log) : [];
  const mutations = options.mutations ? await exploreMutations(options, log) : [];
  if (scenarios.length + mutations.length === 0)
    throw new UsageError(
      `--only is ${JSON.stringify(options.only)}; no scenario or mutation has it in its name`,
    );
  const states = scenarios.reduce((sum, exploration) => sum + exploration.states, 0);
  const seconds = Math.round(scenarios.reduce((sum, exploration) => sum + exploration.seconds, 0));
  if (options.json)
    console.log(JSON.stringify({ states, seconds, scenarios, mutations: mutations.map(reportOf) }));
  else log(`\n${states} states in ${seconds} s.`);
  return (
    scenarios.every(({ finding }) => finding === null) &&
    mutations.every(({ exploration }) => exploration.finding !== null)
  );
}

void runTool({
  name: 'explore',
  help: HELP,
  helpDoes: 'lists the flags',
  run: () => run(readCommandLine()),
});
