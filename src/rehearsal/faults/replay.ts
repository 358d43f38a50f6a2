import type { Fault } from './catalog';

/** Plan values to hide, because they may hold passwords. */
const URL = /Url$/;

/** Returns the command that creates the same source and selects the same faults. @param plan values by flag name */
export function replayCommand(plan: Readonly<Record<string, unknown>>, faults: readonly Fault[]): string {
  const given = Object.entries(plan).filter(([, value]) => value !== null && value !== undefined);
  const flags = given
    .filter(([name]) => !URL.test(name))
    .map(([name, value]) => `--${kebab(name)} ${String(value)}`);
  const urls = given.filter(([name]) => URL.test(name)).map(([name]) => `--${kebab(name)}=…`);
  return ['npm run rehearse --', ...flags, ...urls, `--faults ${faults.join(',')}`].join(' ');
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
