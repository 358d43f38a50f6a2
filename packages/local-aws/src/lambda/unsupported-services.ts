/** Refuses calls to services that the engine does not emulate; `AWS_ENDPOINT_URL` sends them to the Lambda endpoint. */
import type { IncomingMessage, ServerResponse } from 'node:http';

const TYPE = 'UnknownOperationException';
/** Content type of AWS's Query protocol (STS, IAM, CloudFormation), whose clients only read errors in XML. */
const FORM = 'application/x-www-form-urlencoded';

/** Refuses a request that is not an Invoke, in the format of its service. */
export function refuseUnsupportedService(
  request: IncomingMessage,
  url: URL,
  body: string,
  response: ServerResponse,
): void {
  const service = serviceOf(request);
  const isForm = request.headers['content-type']?.startsWith(FORM) === true;
  const operation = isForm ? new URLSearchParams(body).get('Action') : request.headers['x-amz-target'];
  const target = String(operation ?? `${request.method} ${url.pathname}`);
  const of = isForm && service !== undefined ? `${service}:` : '';
  const message = `The local engine has no service for ${of}${target}; of Lambda it has Invoke only.`;
  if (isForm || service === 's3') send(response, 'text/xml', xmlOf(message));
  else send(response, 'application/json', JSON.stringify({ __type: TYPE, Type: 'User', Message: message }));
}

/** As the signature's scope names it: `Credential=<key>/<day>/<Region>/<service>/aws4_request`. */
const serviceOf = ({ headers }: IncomingMessage): string | undefined =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1];

const xmlOf = (message: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${TYPE}</Code><Message>${escaped(message)}</Message></Error><RequestId>local</RequestId></ErrorResponse>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(404, { 'content-type': type, 'x-amzn-errortype': TYPE });
  response.end(body);
}
