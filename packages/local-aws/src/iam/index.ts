/** IAM in little: who calls, whether the template lets them, and what it lets them do that they never did. */
export { Gate, isAllowed, type Denial, type Permission, type Refusal, type Usage } from './gate';
export { credentialsOf, policiesOf } from './principals';
export type { Policies, Role } from './policy';
export { denialText, reportOf, type AccessReport, type Grant, type MissingGrant } from './report';
export { readRoles, type IamResource } from './roles';
