import type { DirtyWatch } from './dirty-watch';
import type { Layout } from './layout';
import type { AppliedTable, ChangeLog, Clock, RefusalOf, SourceTable, TargetTable } from './ports';
import type { Control, PartitionId } from './stages/world';

export interface ApplyPorts {
  readonly source: ChangeLog & Pick<SourceTable, 'measureRow' | 'readSlices'>;
  readonly target: AppliedTable & TargetTable;
  readonly partitions: Pick<Control['partitions'], 'claim' | 'passed' | 'reportRefused'>;
  readonly clock: Clock;
  readonly refusalOf: RefusalOf;
}

export interface ApplyRequest {
  readonly partition: PartitionId;
  /** Of the plan. */
  readonly layout: Layout;
  /** Id of the table's capture. */
  readonly capture: string;
  /** Salt of the hashes under which refused rows are named. */
  readonly salt: string;
  /** Shared by all partitions that one worker serves: one statement asks for all of them whether there is work. */
  readonly watch: DirtyWatch;
  /** Asked after every page and while idle; once true, the partition is left as soon as the page at hand is settled. */
  readonly stop: () => boolean;
}

export interface ApplyOutcome {
  /** Keys made equal. */
  readonly applied: number;
  /** True: a successor or an abort took the partition over. */
  readonly fencedOut: boolean;
}

/**
 * Claims one partition and applies its changes, pass after pass, until it is told to stop or a successor takes over. A
 * worker serves several partitions by calling it for each, at the same time. Failures that may pass are outlasted.
 */
export async function applyPartition(_ports: ApplyPorts, _request: ApplyRequest): Promise<ApplyOutcome> {
  throw new Error('not yet');
}
