import type { Fault } from './catalog';

/** Never shown: they may hold passwords. */
const URL = /Url$/;

/** The command that makes the same source and decides upon the same faults again. @param plan by the names of its flags */
export function replayCommand(plan: Readonly<Record<string, unknown>>, faults: readonly Fault[]): string {
  const given = Object.entries(plan).filter(([, value]) => value !== null && value !== undefined);
  const flags = given
    .filter(([name]) => !URL.test(name))
    .map(([name, value]) => `--${kebab(name)} ${String(value)}`);
  const urls = given.filter(([name]) => URL.test(name)).map(([name]) => `--${kebab(name)}=…`);
  return ['npm run rehearse --', ...flags, ...urls, `--faults ${faults.join(',')}`].join(' ');
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
