import type { ChildProcess } from 'node:child_process';

/** Questions to a child process and its answers, one for each and in order. */
export class Link<Question extends object, Answer> {
  private readonly waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];

  constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
  ) {
    child.on('message', (answer: Answer) => this.waiting.shift()?.resolve(answer));
    child.on('error', (error) => this.failAll(error));
    child.on('exit', () => this.failAll(this.ended()));
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (!this.child.connected) return reject(this.ended());
      this.waiting.push({ resolve, reject });
      this.child.send(question, (error) => {
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
