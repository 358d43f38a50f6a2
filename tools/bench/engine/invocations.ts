import { Agent, request } from 'node:http';

/** Calls a function through Lambda's endpoint over one persistent connection. */
export class LambdaCaller {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private readonly authorization: string;

  /** @param environment as `Engine.environment` */
  constructor(private readonly environment: Readonly<Record<string, string>>) {
    const key = environment['AWS_ACCESS_KEY_ID'];
    // The engine does not verify the signature; it identifies the caller by the key.
    this.authorization = `AWS4-HMAC-SHA256 Credential=${key}/20200101/${environment['AWS_REGION']}/lambda/aws4_request, SignedHeaders=host, Signature=0`;
  }

  /** @throws Error unless the function succeeded */
  async call(functionName: string, payload: string): Promise<string> {
    const url = `${this.environment['AWS_ENDPOINT_URL_LAMBDA']}/2015-03-31/functions/${functionName}/invocations`;
    const [status, body] = await this.post(url, payload);
    if (status !== 200) throw new Error(`${functionName} returned status ${status}: ${body}`);
    return body;
  }

  close(): void {
    this.agent.destroy();
  }

  private post(url: string, payload: string): Promise<[status: number | undefined, body: string]> {
    const headers = { authorization: this.authorization, 'content-length': Buffer.byteLength(payload) };
    return new Promise((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent: this.agent, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve([response.statusCode, Buffer.concat(parts).toString('utf8')]));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(payload);
    });
  }
}
