import type { IamResource } from '../iam';
import type { StackResource } from './stack-state';
import type { TableResource } from './tables';

/** A resource of the template that can be run, or has no effect here. */
export interface DeclaredResource {
  readonly logicalId: string;
  readonly type: string;
  readonly name: string;
  /** Of a version, the properties whose change replaces it. */
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  /** Of a role, a policy or a table, what the engine needs to keep it. */
  readonly definition?: IamResource | TableResource | undefined;
}

/** A resource that the deployment deletes, or keeps outside of the stack. */
export interface Leaving extends StackResource {
  readonly logicalId: string;
  readonly retained: boolean;
}
