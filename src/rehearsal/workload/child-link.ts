import type { ChildProcess } from 'node:child_process';

/** Sends requests to a child process, which returns one response to each, in order. */
export class ChildLink<Sent extends object, Received> {
  private readonly waiting: { resolve: (response: Received) => void; reject: (error: Error) => void }[] = [];

  constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
  ) {
    child.on('message', (response: Received) => this.waiting.shift()?.resolve(response));
    child.on('error', (error) => this.failAll(error));
    child.on('exit', () => this.failAll(this.ended()));
  }

  request(message: Sent): Promise<Received> {
    return new Promise((resolve, reject) => {
      if (!this.child.connected) return reject(this.ended());
      this.waiting.push({ resolve, reject });
      this.child.send(message, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  private ended(): Error {
    const { exitCode, signalCode } = this.child;
    return new Error(
      `${this.name} exited early (code ${exitCode ?? '-'}, signal ${signalCode ?? '-'}); its output above may say why`,
    );
  }

  private failAll(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}
