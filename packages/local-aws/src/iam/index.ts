/** A small IAM: identifies the caller, evaluates the template's policies, and reports denied requests and unused grants. */
export { Authorizer, isAllowed, type Denial, type Authorize, type Refusal, type Usage } from './authorizer';
export { credentialsOf, policiesOf, type FormerHolder } from './principals';
export { mayAssume } from './conditions';
export type { Policies, Role } from './policy';
export { describeDenial, reportOf, type AccessReport, type Grant, type MissingGrant } from './report';
export { readRoles, type IamResource } from './roles';
