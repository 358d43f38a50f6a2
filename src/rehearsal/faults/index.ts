/** What goes wrong on purpose in a rehearsal, decided by its seed. */
import type { StartedInvocation } from '../lambda';
import { LambdaKiller, type InjectedFault } from './kill-lambda';

export type { InjectedFault } from './kill-lambda';
export { replayCommand } from './replay';

export const FAULTS = ['kill-lambda'] as const;
export type Fault = (typeof FAULTS)[number];

export const isFault = (name: string): name is Fault => (FAULTS as readonly string[]).includes(name);

export interface Injection {
  /** To be told of every invocation; absent if no fault concerns them. */
  readonly onInvocation?: (invocation: StartedInvocation) => void;
  /** What was done so far. */
  readonly injected: readonly InjectedFault[];
}

export function inject(
  faults: readonly Fault[],
  { seed, note }: { readonly seed: number; readonly note: (line: string) => void },
): Injection {
  const injected: InjectedFault[] = [];
  if (!faults.includes('kill-lambda')) return { injected };
  const killer = new LambdaKiller({
    seed,
    onKill: (kill) => {
      injected.push(kill);
      note(
        `fault ${injected.length}: ${kill.function} was killed at ${kill.at}, ${kill.afterMs} ms after its start`,
      );
    },
  });
  return { injected, onInvocation: killer.onInvocation };
}
