/** IAM in little: who calls, whether the template lets them, and what it lets them do that they never did. */
export { Authorizer, isAllowed, type Denial, type Authorize, type Refusal, type Usage } from './authorizer';
export { credentialsOf, policiesOf } from './principals';
export type { Policies, Role } from './policy';
export { describeDenial, reportOf, type AccessReport, type Grant, type MissingGrant } from './report';
export { readRoles, type IamResource } from './roles';
