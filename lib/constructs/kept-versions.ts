import { RemovalPolicy } from 'aws-cdk-lib';

/**
 * Versions outlive the deployment that published them, because running executions use them. A deployment that fails takes its own
 * versions back: Lambda would otherwise refuse to publish the same code again when the deployment is repeated.
 */
export const KEPT_VERSIONS = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
