/** Hooks by which an engine holds invocations and calls up at chosen points. */
import type { EngineOptions } from 'local-aws';
import type { Call, Reply } from '../../faults/proxy/call';
import { startProxy, type Proxy } from '../../faults/proxy/proxy';

export type EngineHooks = NonNullable<EngineOptions['faults']>;

export interface CheckpointOptions {
  readonly environment: string;
  /** Called before every invocation, which waits for it. @param name of the function, without the environment */
  readonly beforeInvocation: (name: string) => Promise<void>;
  /** Called before every call of these functions. @default calls reach the services directly */
  readonly calls?: {
    readonly of: readonly string[];
    readonly before: (call: Call) => Promise<void>;
    readonly after?: (call: Call, reply: Reply) => void;
  };
}

export interface Checkpoints extends EngineHooks {
  close(): Promise<void>;
}

export async function startCheckpoints(options: CheckpointOptions): Promise<Checkpoints> {
  const { environment, beforeInvocation, calls } = options;
  const nameOf = (functionName: string): string =>
    functionName
      .replace(/^arn:.*:function:/, '')
      .replace(/:.*$/, '')
      .replace(`sluice-${environment}-`, '');
  const proxy: Proxy | null =
    calls === undefined
      ? null
      : await startProxy((call) => async ({ forward, reply }) => {
          await calls.before(call);
          const received = await forward();
          calls.after?.(call, received);
          reply(received);
        });
  return {
    onInvocation: () => undefined,
    variablesFor: (functionName, endpoints) => ({
      ...endpoints,
      ...(calls?.of.includes(nameOf(functionName)) === true
        ? proxy?.endpointsFor(functionName, endpoints)
        : {}),
    }),
    invoke: async (functionName, run) => {
      await beforeInvocation(nameOf(functionName));
      return run();
    },
    close: async () => proxy?.close(),
  };
}
