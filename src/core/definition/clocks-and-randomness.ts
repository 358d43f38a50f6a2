import crypto from 'node:crypto';

/** A function whose results vary between calls: the name that users know, and where it is. */
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
 * Runs synchronous work while clocks and random numbers throw. No other code runs meanwhile, and they are restored afterwards.
 * @returns the result of the work, and the names of those that it called, even if it caught the error
 */
export function withoutClocksAndRandomness<T>(work: () => T): { result: T; used: readonly string[] } {
  const used: string[] = [];
  const refuse = (name: string) => (): never => {
    used.push(name);
    throw new TypeError(`A row function must not call ${name}: its result may depend only on the row.`);
  };
  const undo: (() => void)[] = [];
  try {
    for (const [name, holder, property] of sources()) undo.push(replace(holder, property, refuse(name)));
    undo.push(replace(globalThis, 'Date', timelessDate(refuse('Date without an argument'))));
    return { result: work(), used };
  } finally {
    for (const restore of undo.reverse()) restore();
  }
}

/** A Date whose constructor requires an argument. */
const timelessDate = (refuse: () => never): DateConstructor =>
  new Proxy(Date, {
    construct: (target, given, made) =>
      given.length === 0 ? refuse() : (Reflect.construct(target, given, made) as object),
    apply: refuse,
  });

/** Replaces a property, inherited or own. Returns a function that restores it. */
function replace(holder: object, property: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, property);
  Object.defineProperty(holder, property, { value, configurable: true, writable: true });
  return () => {
    if (own) Object.defineProperty(holder, property, own);
    else Reflect.deleteProperty(holder, property);
  };
}
