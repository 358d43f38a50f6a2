/** Versions and aliases in policies, and policies that a deployment changes. */
import { Authorizer, credentialsOf, policiesOf, type Policies } from '../../src/iam';
import { policy, read, role, roleArn, TRUST_OF_LAMBDA } from './policies';

const scope = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:copy';
const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:move';

function policiesWith(Action: string, Resource: string | string[]): Policies {
  const { roles, problems } = read(role(), policy({ Effect: 'Allow', Action, Resource }));
  expect(problems).toEqual([]);
  const functions = [{ logicalId: 'Book', name: 'book', arn: 'arn:aws:lambda:…:function:book', roleArn }];
  return policiesOf({ ...scope, roles, functions, stateMachines: [] }, []);
}

const signatureOf = (policies: Policies): string =>
  `AWS4-HMAC-SHA256 Credential=${credentialsOf(policies, 'book')['AWS_ACCESS_KEY_ID']}/20261122/eu-west-1/x/aws4_request, SignedHeaders=host, Signature=0`;

describe('lambda:InvokeFunction', () => {
  const mayInvoke = (granted: string | string[], request: Readonly<Record<string, string>>): boolean => {
    const policies = policiesWith('lambda:InvokeFunction', granted);
    const authorize = new Authorizer(policies).forService('lambda');
    return authorize(signatureOf(policies), 'InvokeFunction', request) === undefined;
  };
  const requests = {
    unqualified: { FunctionName: 'copy' },
    latest: { FunctionName: 'copy:$LATEST' },
    version: { FunctionName: `${FUNCTION}:3` },
    qualifier: { FunctionName: 'copy', Qualifier: '3' },
    alias: { FunctionName: '111122223333:function:copy:live' },
  };

  test.each<[string, string | string[], (keyof typeof requests)[]]>([
    ['the unqualified ARN covers no qualified name', FUNCTION, ['unqualified']],
    ['a version covers only itself', `${FUNCTION}:3`, ['version', 'qualifier']],
    ['an alias does not cover its version', `${FUNCTION}:live`, ['alias']],
    [
      ':* covers everything but the unqualified name',
      `${FUNCTION}:*`,
      ['latest', 'version', 'qualifier', 'alias'],
    ],
    ['$LATEST covers only its qualified name', `${FUNCTION}:$LATEST`, ['latest']],
    ['both cover all', [FUNCTION, `${FUNCTION}:*`], Object.keys(requests) as (keyof typeof requests)[]],
  ])('%s', (_rule, granted, allowed) => {
    const found = Object.entries(requests).filter(([, request]) => mayInvoke(granted, request));
    expect(found.map(([name]) => name)).toEqual(allowed);
  });

  test('a denial names the qualified ARN', () => {
    const policies = policiesWith('lambda:InvokeFunction', FUNCTION);
    const authorize = new Authorizer(policies).forService('lambda');
    expect(authorize(signatureOf(policies), 'InvokeFunction', requests.qualifier)?.message).toContain(
      `on resource: ${FUNCTION}:3 because`,
    );
  });
});

describe('a version or an alias of a state machine is authorized by the ARN of its machine', () => {
  const refusal = (granted: string, operation: string, request: Readonly<Record<string, string>>) => {
    const policies = policiesWith(`states:${operation}`, granted);
    return new Authorizer(policies).forService('states')(signatureOf(policies), operation, request);
  };
  const qualified = ['StartExecution', 'DescribeStateMachine', 'ListExecutions', 'ListStateMachineVersions'];

  test.each(qualified)('%s', (operation) => {
    for (const qualifier of ['', ':3', ':live']) {
      const request = { stateMachineArn: `${MACHINE}${qualifier}` };
      expect(refusal(MACHINE, operation, request)).toBeUndefined();
      expect(refusal(`${MACHINE}:*`, operation, request)?.name).toBe('AccessDeniedException');
      expect(refusal(`${MACHINE}:3`, operation, request)?.name).toBe('AccessDeniedException');
    }
  });

  test('DescribeStateMachineAlias', () => {
    const request = { stateMachineAliasArn: `${MACHINE}:live` };
    expect(refusal(MACHINE, 'DescribeStateMachineAlias', request)).toBeUndefined();
    expect(refusal(`${MACHINE}:live`, 'DescribeStateMachineAlias', request)?.name).toBe(
      'AccessDeniedException',
    );
  });
});

test('a deployment changes what running callers may do', () => {
  const before = policiesWith('lambda:InvokeFunction', FUNCTION);
  const authorizer = new Authorizer(before);
  const authorize = authorizer.forService('lambda');
  const request = { FunctionName: 'copy' };
  expect(authorize(signatureOf(before), 'InvokeFunction', request)).toBeUndefined();
  authorizer.update(policiesWith('lambda:InvokeFunction', `${FUNCTION}:3`));
  expect(authorize(signatureOf(before), 'InvokeFunction', request)?.name).toBe('AccessDeniedException');
});

describe('a version keeps the role with which it was published', () => {
  const old = { arn: 'arn:aws:iam::111122223333:role/old', name: 'old', logicalId: 'Old' };
  const book = { logicalId: 'Book', name: 'book', arn: 'arn:aws:lambda:…:function:book' };
  const former = [{ ...book, service: 'lambda.amazonaws.com', roleArn: old.arn }];
  const policiesOfVersion = (trust: object | undefined): Policies => {
    const resources = trust === undefined ? [] : [{ ...role({ AssumeRolePolicyDocument: trust }), ...old }];
    const { roles } = read(role(), ...resources);
    const functions = [{ ...book, roleArn }];
    return policiesOf({ ...scope, roles, functions, stateMachines: [], former }, []);
  };

  test('and has credentials of its own', () => {
    const policies = policiesOfVersion(TRUST_OF_LAMBDA);
    const keys = [undefined, roleArn, old.arn].map((arn) => credentialsOf(policies, 'book', arn));
    expect(keys[0]).toEqual(keys[1]);
    expect(keys[2]).not.toEqual(keys[1]);
  });

  test.each([
    ['was deleted', undefined],
    [
      'no longer trusts Lambda',
      JSON.parse(JSON.stringify(TRUST_OF_LAMBDA).replace('lambda.', 'states.')) as object,
    ],
  ])('and none if the role %s', (_why, trust) => {
    expect(() => credentialsOf(policiesOfVersion(trust), 'book', old.arn)).toThrow('has no credentials');
  });
});
