import type { Side } from '../contract/sides';
import type { Guard, Installer, Logins } from './guard-ports';
import type { ChangeLog, Leases, Reader, Verifier, Writer } from './ports';

/** One side of a migration: everything that Sluice does in its database. Its parts connect on first use. */
export interface End {
  readonly side: Side;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly verifier: Verifier;
  readonly log: ChangeLog;
  readonly guard: Guard;
  readonly leases: Leases;
  readonly installer: Installer;
  readonly logins: Logins;
}

export type Ends = Readonly<Record<Side, End>>;
