import { randomUUID } from 'node:crypto';

export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  /** Visibility timeout: how long a received message stays hidden from other receivers. */
  readonly visibilitySeconds: number;
  /** Message retention period. */
  readonly retentionSeconds: number;
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface StoredMessage extends Message {
  readonly sentMs: number;
  visibleMs: number;
  receiveCount: number;
  receiptHandle: string;
}

/** A standard queue. */
export class Queue {
  private messages: StoredMessage[] = [];

  constructor(
    private configured: QueueSettings,
    private readonly nowMs: () => number,
  ) {}

  get settings(): QueueSettings {
    return this.configured;
  }

  /** Changes the settings; the messages stay. */
  configure(settings: QueueSettings): void {
    this.configured = settings;
  }

  send(message: Message): void {
    const sentMs = this.nowMs();
    this.messages.push({ ...message, sentMs, visibleMs: sentMs, receiveCount: 0, receiptHandle: '' });
  }

  receive(countMax: number, visibilitySeconds = this.settings.visibilitySeconds): StoredMessage[] {
    this.expire();
    const now = this.nowMs();
    const received = this.messages.filter(({ visibleMs }) => visibleMs <= now).slice(0, countMax);
    for (const message of received) {
      message.visibleMs = now + visibilitySeconds * 1000;
      message.receiveCount += 1;
      message.receiptHandle = randomUUID();
    }
    return received;
  }

  /** Does nothing if the handle is not that of the last receive. */
  delete(receiptHandle: string): void {
    this.messages = this.messages.filter((message) => message.receiptHandle !== receiptHandle);
  }

  purge(): void {
    this.messages = [];
  }

  attributes(): Record<string, string> {
    this.expire();
    const visible = this.messages.filter(({ visibleMs }) => visibleMs <= this.nowMs()).length;
    return {
      QueueArn: this.settings.arn,
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(this.messages.length - visible),
      VisibilityTimeout: String(this.settings.visibilitySeconds),
      MessageRetentionPeriod: String(this.settings.retentionSeconds),
    };
  }

  private expire(): void {
    const oldestMs = this.nowMs() - this.settings.retentionSeconds * 1000;
    this.messages = this.messages.filter(({ sentMs }) => sentMs >= oldestMs);
  }
}
