import type { Action } from './workload';

export interface Choice {
  readonly name: string;
  readonly action: Action;
  /** To be called when the action is over. */
  readonly release: () => void;
}

/** Chooses actions by their weights; one that wants to be alone is not chosen while it runs. */
export function chooserOf(actions: Readonly<Record<string, Action>>): (draw: number) => Choice {
  const running = new Set<string>();
  return (draw) => {
    const free = Object.entries(actions).filter(([name]) => !running.has(name));
    const total = free.reduce((sum, [, { weight }]) => sum + weight, 0);
    let left = draw * total;
    const [name, action] = free.find(([, { weight }]) => (left -= weight) < 0) ?? free.at(-1) ?? [];
    if (name === undefined || action === undefined)
      throw new Error('the workload has no action that several writers may take at the same time');
    if (action.alone === true) running.add(name);
    return { name, action, release: () => running.delete(name) };
  };
}
