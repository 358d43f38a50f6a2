/** Clients of services that the engine does not emulate must be able to read the refusal. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEndpoint } from '../../src/lambda/endpoint';

let server: Server;
let url: string;
beforeAll(async () => {
  const never = () => {
    throw new Error('no function must be invoked');
  };
  server = createEndpoint({ invoke: never, send: never, find: never });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => server.close());

const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
});

const send = async (init: RequestInit): Promise<readonly [number, string | null, string]> => {
  const response = await fetch(url, init);
  return [response.status, response.headers.get('content-type'), await response.text()];
};

test('the query protocol is refused in XML', async () => {
  const [status, type, text] = await send({
    method: 'POST',
    headers: { ...signedFor('sts'), 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: 'Action=Get%3CCaller%3E&Version=2011-06-15',
  });
  expect([status, type]).toEqual([404, 'text/xml']);
  expect(text).toBe(
    '<ErrorResponse><Error><Type>Sender</Type><Code>UnknownOperationException</Code><Message>The local engine has no service for sts:Get&lt;Caller&gt;; of Lambda it has Invoke only.</Message></Error><RequestId>local</RequestId></ErrorResponse>',
  );
});

test('S3 is refused in XML, the only format that its clients read', async () => {
  const [status, type, text] = await send({ headers: signedFor('s3') });
  expect([status, type]).toEqual([404, 'text/xml']);
  expect(text).toContain('no service for GET /;');
});

test('every other protocol is refused in JSON', async () => {
  const headers = { ...signedFor('kms'), 'x-amz-target': 'TrentService.Decrypt' };
  const [status, type, text] = await send({ method: 'POST', headers, body: '{}' });
  expect([status, type]).toEqual([404, 'application/json']);
  expect(JSON.parse(text)).toMatchObject({
    __type: 'UnknownOperationException',
    Message: expect.stringContaining('TrentService.Decrypt') as string,
  });
});
