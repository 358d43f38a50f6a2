import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import type { Pair } from './facts';

/** Refuses triggers and rules that would change incoming rows. */
export const silentTriggers = ({ target }: Pair): Problem[] =>
  (target?.table.triggersInReplicaRole ?? []).map((trigger) => ({
    check: 'silent-triggers',
    subject: `target table ${target!.name}`,
    found: `trigger or rule ${trigger} fires on Sluice's own writes (ENABLE ALWAYS or REPLICA)`,
    remedy: `ALTER TABLE … ENABLE TRIGGER ${quoteIdentifier(trigger)} (or ENABLE RULE) until the migration is finished`,
  }));
