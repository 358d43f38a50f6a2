import type { LoginNames } from '../../contract/logins';
import type { Side } from '../../contract/sides';
import type { Definition } from '../definition/definition';
import type { StartWorld } from '../execution/generation-start';
import type { Clock } from '../ports';
import type { OwnershipLedger, SideGuards } from './ports';

/** Everything that `npx sluice adopt` acts on, for one migration in one environment. */
export interface OwnershipWorld extends Pick<StartWorld, 'deployed'> {
  readonly environment: string;
  /** As deployed. */
  readonly definition: Definition;
  readonly control: OwnershipLedger;
  readonly clock: Pick<Clock, 'now'>;
  readonly guards: Readonly<Record<Side, SideGuards>>;
  /** Sluice's logins at a side. */
  logins(side: Side): Promise<LoginNames>;
}
