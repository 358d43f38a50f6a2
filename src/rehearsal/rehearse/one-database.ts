import type { Side } from '../../contract/sides';
import type { Endpoint } from './ports';

/** Whether source and target of a definition are tables of one database. */
export const isOneDatabase = ({ source, target }: Readonly<Record<Side, Endpoint>>): boolean =>
  source.clusterArn === target.clusterArn && source.database === target.database;
