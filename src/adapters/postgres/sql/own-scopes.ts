/** SQL of the prefix of one side's lease scopes, within a function that takes `p_migration` and `p_side`; see `sidePrefix` of the ledger. */
export const OWN_SCOPES = `p_migration || '/' || p_side || '/'`;
