/** A step that breaks a rule: the search ends with it. */
export class Broken extends Error {}
