/**
 * `npm run explore`: every scenario, up to its bound, then every protection taken away alone. Ends with 1 if a scenario finds
 * something, or a protection is not missed.
 *
 * `--json` prints one object; `--only NAME` takes the scenarios and protections whose name holds it; `--states N` bounds each
 * scenario otherwise; `--teeth` and `--scenarios` leave the other half out.
 */
import { parseArgs } from 'node:util';
import { explore, type Exploration } from './explore';
import { TEETH, type Tooth } from './sabotages';
import { SCENARIOS } from './scenarios/all';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    states: { type: 'string' },
    teeth: { type: 'boolean', default: false },
    scenarios: { type: 'boolean', default: false },
  },
});

const statesMax = options.states === undefined ? undefined : wholeNumber(options.states);

function wholeNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`--states is ${JSON.stringify(text)}; give a whole number of states above 0`);
}

const say = (line: string): void => {
  if (!options.json) console.log(line);
};

async function exploreAll(): Promise<Exploration[]> {
  const explored: Exploration[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => name.includes(options.only))) {
    const found = await explore(scenario, statesMax === undefined ? {} : { statesMax });
    explored.push(found);
    const { states, exhausted, depth, seconds, complete, finding } = found;
    const extent = complete ? `all of them, ${depth} steps deep` : `up to ${depth} steps`;
    say(
      `${scenario.name}: ${states} states (${extent}; ${exhausted} exhausted retries) in ${seconds} s. ${scenario.about}`,
    );
    if (finding) say(`  FOUND: ${finding.what}\n${finding.story.join('\n')}`);
  }
  return explored;
}

async function missAll(): Promise<{ tooth: Tooth; found: Exploration }[]> {
  const missed: { tooth: Tooth; found: Exploration }[] = [];
  for (const tooth of TEETH.filter(({ name, protection }) =>
    `${protection} ${name}`.includes(options.only),
  )) {
    const found = await explore(tooth.scenario, { sabotage: tooth, recover: tooth.inTheEnd === true });
    missed.push({ tooth, found });
    say(`\nWithout the ${tooth.protection} (${tooth.name}), after ${found.states} states:`);
    say(
      found.finding ? `${found.finding.story.join('\n')}\n  => ${found.finding.what}` : '  NOTHING is found',
    );
  }
  return missed;
}

async function main(): Promise<void> {
  const explored = options.teeth ? [] : await exploreAll();
  const missed = options.scenarios ? [] : await missAll();
  const states = explored.reduce((sum, found) => sum + found.states, 0);
  const seconds = explored.reduce((sum, found) => sum + found.seconds, 0);
  if (explored.length + missed.length === 0)
    throw new Error(`no scenario and no protection has ${JSON.stringify(options.only)} in its name`);
  if (options.json) {
    const teeth = missed.map(({ tooth: { protection, name }, found }) => ({
      protection,
      name,
      states: found.states,
      seconds: found.seconds,
      finding: found.finding,
    }));
    console.log(JSON.stringify({ states, seconds: Math.round(seconds), scenarios: explored, teeth }));
  } else say(`\n${states} states in ${Math.round(seconds)} s.`);
  const isWrong =
    explored.some(({ finding }) => finding !== null) || missed.some(({ found }) => found.finding === null);
  process.exitCode = isWrong ? 1 : 0;
}

void main();
