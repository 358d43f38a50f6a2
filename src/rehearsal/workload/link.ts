import type { ChildProcess } from 'node:child_process';

/** Requests to a child process and its responses: one each, in order. */
export class Link<Request extends object, Response> {
  private readonly waiting: { resolve: (response: Response) => void; reject: (error: Error) => void }[] = [];

  constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
  ) {
    child.on('message', (response: Response) => this.waiting.shift()?.resolve(response));
    child.on('error', (error) => this.failAll(error));
    child.on('exit', () => this.failAll(this.ended()));
  }

  send(request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      if (!this.child.connected) return reject(this.ended());
      this.waiting.push({ resolve, reject });
      this.child.send(request, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  private ended(): Error {
    const { exitCode, signalCode } = this.child;
    return new Error(`${this.name} ended early (code ${exitCode ?? '-'}, signal ${signalCode ?? '-'})`);
  }

  private failAll(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}
