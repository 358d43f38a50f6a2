import type { FoundGuard } from './ports';

/** The guard in words: its state and whose it is. */
export const describeGuard = ({
  owner,
  environment,
  generation,
  epoch,
  state,
  expired,
}: FoundGuard): string =>
  `${state === 'fenced' && expired ? 'fenced, expired' : state}, of control plane ${owner}, environment ${environment || 'unknown'}, generation ${generation}, epoch ${epoch}`;

export const isLive = ({ state }: FoundGuard): boolean => state !== 'none';
