import type { Action } from './workload';

export interface Choice {
  readonly name: string;
  readonly action: Action;
  /** Call it when the action has ended. */
  readonly release: () => void;
}

/** Returns a function that chooses actions by their weights. It does not choose an `alone` action while that runs. */
export function createActionChooser(actions: Readonly<Record<string, Action>>): (fraction: number) => Choice {
  const running = new Set<string>();
  return (fraction) => {
    const free = Object.entries(actions).filter(([name]) => !running.has(name));
    const total = free.reduce((sum, [, { weight }]) => sum + weight, 0);
    let remaining = fraction * total;
    const [name, action] = free.find(([, { weight }]) => (remaining -= weight) < 0) ?? free.at(-1) ?? [];
    if (name === undefined || action === undefined)
      throw new Error(
        'no action of the workload may run now: every action is `alone` and running; add one without `alone`',
      );
    if (action.alone === true) running.add(name);
    return { name, action, release: () => running.delete(name) };
  };
}
