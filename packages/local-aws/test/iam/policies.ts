/** Roles and policies as in a template, with resolved references. */
import type { IamResource, Role } from '../../src/iam';
import { readRoles } from '../../src/iam';

export const TRUST_OF_LAMBDA = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
};

export const document = (...statements: object[]): object => ({
  Version: '2012-10-17',
  Statement: statements,
});

export const roleArn = 'arn:aws:iam::111122223333:role/clerk';

/** A role named `clerk`. */
export const role = (properties: object = {}): IamResource => ({
  logicalId: 'Clerk',
  type: 'AWS::IAM::Role',
  name: 'clerk',
  arn: roleArn,
  properties: { AssumeRolePolicyDocument: TRUST_OF_LAMBDA, ...properties },
});

/** A policy that is attached to the role `clerk`. */
export const policy = (...statements: object[]): IamResource => ({
  logicalId: 'ClerkPolicy',
  type: 'AWS::IAM::Policy',
  name: 'ClerkPolicy',
  arn: 'ClerkPolicy',
  properties: { PolicyName: 'p', PolicyDocument: document(...statements), Roles: ['clerk'] },
});

export function read(...resources: IamResource[]): { roles: Role[]; problems: string[] } {
  const problems: string[] = [];
  const roles = readRoles(resources, (problem) => problems.push(problem));
  return { roles, problems };
}
