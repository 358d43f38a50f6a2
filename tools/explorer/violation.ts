/** Thrown by a step that violates an invariant; it ends the search. */
export class Violation extends Error {}
