import type { Side } from '../../contract/sides';
import type { Endpoint } from './definition';

/** A database by its address. */
export type DatabaseAddress = Pick<Endpoint, 'clusterArn' | 'database'>;

/** The names of the databases at both ends. */
export type DatabaseNames = Readonly<Record<Side, string>>;

/** Names a database: the cluster's ARN, and the database in it. */
export const databaseName = ({ clusterArn, database }: DatabaseAddress): string =>
  `${clusterArn}/${database}`;

/** Whether two endpoints name the same database, with any secrets. */
export const isSameDatabase = (one: DatabaseAddress, other: DatabaseAddress): boolean =>
  databaseName(one) === databaseName(other);
