/** The deployments that attack: which assembly each has, and under which environment. */
import { ENVIRONMENT } from '../../rehearse';
import type { RivalKind } from './attack';

/** Directories of the synthesized apps. */
export interface RivalAssemblies {
  /** The app of the migration's own environment. */
  readonly own: string;
  /** The app of another environment on the same endpoints. */
  readonly foreign: string;
  /** Name of the other environment. */
  readonly foreignEnvironment: string;
}

export const deploymentOf = (
  kind: RivalKind,
  { own, foreign, foreignEnvironment }: RivalAssemblies,
): { readonly name: string; readonly environment: string; readonly assemblyDirectory: string } =>
  kind === 'foreign'
    ? { name: kind, environment: foreignEnvironment, assemblyDirectory: foreign }
    : { name: kind, environment: ENVIRONMENT, assemblyDirectory: own };
