import crypto from 'node:crypto';

/** What one function answers differently each time it is asked, by the name that a user knows it under. */
type Source = readonly [name: string, holder: object, property: string];

const NODE_CRYPTO = ['randomBytes', 'randomFillSync', 'randomInt', 'randomUUID'];

const sources = (): readonly Source[] => [
  ['Date.now', Date, 'now'],
  ['Math.random', Math, 'random'],
  ['performance.now', performance, 'now'],
  ['process.hrtime', process, 'hrtime'],
  ['process.uptime', process, 'uptime'],
  ['crypto.randomUUID', globalThis.crypto, 'randomUUID'],
  ['crypto.getRandomValues', globalThis.crypto, 'getRandomValues'],
  ...NODE_CRYPTO.map((name) => [`crypto.${name}`, crypto, name] as const),
];

/**
 * Runs synchronous work while clocks and randomness are out of reach: what asks for them gets an error. Nobody else runs
 * meanwhile, and everything is as before afterwards.
 * @returns what the work answered, and which of them were asked for, even if the error was caught
 */
export function withoutClocks<T>(work: () => T): { result: T; asked: readonly string[] } {
  const asked: string[] = [];
  const refuse = (name: string) => (): never => {
    asked.push(name);
    throw new TypeError(`${name} is not a function of the row`);
  };
  const undo: (() => void)[] = [];
  try {
    for (const [name, holder, property] of sources()) undo.push(replace(holder, property, refuse(name)));
    undo.push(replace(globalThis, 'Date', timelessDate(refuse('Date without an argument'))));
    return { result: work(), asked };
  } finally {
    for (const restore of undo.reverse()) restore();
  }
}

/** Dates can be made from something, not from nothing. */
const timelessDate = (refuse: () => never): DateConstructor =>
  new Proxy(Date, {
    construct: (target, given, made) =>
      given.length === 0 ? refuse() : (Reflect.construct(target, given, made) as object),
    apply: refuse,
  });

/** Puts a value in the place of a property, inherited or its own; answers how to take it away. */
function replace(holder: object, property: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, property);
  Object.defineProperty(holder, property, { value, configurable: true, writable: true });
  return () => {
    if (own) Object.defineProperty(holder, property, own);
    else Reflect.deleteProperty(holder, property);
  };
}
