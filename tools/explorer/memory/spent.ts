/** Requests in flight that can never do anything any more: tokens and numbers only count up. */
import type { LeaseRow, Request, State } from './state';

/**
 * Whether a late request changes nothing now, and will not ever: so it need not be kept in flight. Only where every
 * protection is in its place.
 */
export function isSpent(state: State, request: Request): boolean {
  const { at, op, args } = request;
  if (at === 'ledger') return op === 'update' && isClaimOver(state, args);
  if (at !== 'target') return false;
  const lease = state.target.leases[String(args.scope)];
  if (!lease || typeof args.token !== 'number') return false;
  if (op === 'installLease') return lease.token > args.token || isUsed(lease, args.token);
  if (op === 'closeLease') return lease.token > args.token;
  return typeof args.seq === 'number' && isPast(lease, args.token, args.seq);
}

/** The same token is installed again only over a lease that is as the first install left it. */
const isUsed = (lease: LeaseRow, token: number): boolean =>
  lease.token === token && (lease.seq > 0 || !lease.open);

const isPast = (lease: LeaseRow, token: number, seq: number): boolean =>
  lease.token > token || (lease.token === token && (lease.seq >= seq || !lease.open));

/** A write of a claim that is not the chunk's last. */
function isClaimOver({ ledger }: State, args: Request['args']): boolean {
  const item = ledger.items[String(args.sk)];
  const values = args.ExpressionAttributeValues as Readonly<Record<string, unknown>> | undefined;
  const conditional = String(args.ConditionExpression).includes('#token = :token');
  return conditional && Number(item?.token) > Number(values?.[':token']);
}
