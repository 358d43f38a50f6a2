/** A rehearsal cannot run, for a reason that its user can fix; the message says how. Shown without a stack. */
export class RehearsalRefused extends Error {}
