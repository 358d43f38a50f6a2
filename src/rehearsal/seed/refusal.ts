/** A rehearsal cannot be, for a reason that its user can put right; the message says how. Shown without a stack. */
export class RehearsalRefused extends Error {}
