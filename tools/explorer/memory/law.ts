/** Law 12 as an invariant of every step: only calls of the guard's owner and generation, under no older epoch, change anything. */
import type { Side } from '../../../src/contract/sides';
import type { Authority } from '../../../src/core/ports';
import type { Request, State } from './state';

/** @returns how a request broke the law, or null */
export function lawViolation(before: State, after: State, request: Request): string | null {
  const { at } = request;
  if (at !== 'source' && at !== 'target') return null;
  if (before[at] === after[at]) return null;
  return (
    authorityViolation(before, at, request) ??
    dropViolation(before, at, request) ??
    emptied(before, after, request)
  );
}

function authorityViolation(before: State, side: Side, { op, args }: Request): string | null {
  const { owner, generation, epoch } = args as Partial<Authority>;
  const { guard, removed } = before[side];
  const own = guard ?? (owner === undefined ? null : { owner, ...removed[owner] });
  if (own === null || owner === undefined || generation === undefined || epoch === undefined) return null;
  if (own.owner !== owner)
    return `${op} of ${owner} changed the ${side}, whose guard belongs to ${own.owner}`;
  const wrong = guard ? guard.generation !== generation : (own.generation ?? 0) > generation;
  if (wrong) return `${op} of generation ${generation} changed the ${side} of generation ${own.generation}`;
  return (own.epoch ?? 0) > epoch
    ? `${op} under epoch ${epoch} changed the ${side}, whose guard has epoch ${own.epoch}`
    : null;
}

/** A call without authority removes nothing that a guard needs. */
const dropViolation = (before: State, side: Side, { op }: Request): string | null =>
  op === 'dropUnused' && before[side].guard !== null
    ? `schema sluice was dropped from the guarded ${side}`
    : null;

/** A table is emptied only if it was empty before the generation and has not been open since. */
function emptied({ target: before }: State, { target: after }: State, { op }: Request): string | null {
  const lost = op === 'uninstall' && Object.keys(before.rows).some((id) => after.rows[id] === undefined);
  return lost && (before.wasEmpty !== true || before.guard?.state === 'open')
    ? 'a table was emptied that held rows before, or that has been open since'
    : null;
}
