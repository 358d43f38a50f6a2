import type { Side as SideName } from '../../src/contract/sides';
import type { End } from '../../src/core/ends';
import type { World } from '../../src/core/world';

type EndMethods = { readonly [P in Exclude<keyof End, 'side'>]?: Partial<End[P]> };

/** The same world with some methods of one end's parts replaced. */
export function withEnd(world: World, side: SideName, methods: (end: End) => EndMethods): World {
  const end = world.ends[side];
  const replaced = Object.entries(methods(end)).map(([part, some]) => [
    part,
    overriding(end[part as keyof EndMethods], some),
  ]);
  const parts = Object.fromEntries(replaced) as Partial<End>;
  return { ...world, ends: { ...world.ends, [side]: { ...end, ...parts } } };
}

/** The same object with some of its methods replaced. */
export function overriding<T extends object>(object: T, methods: Partial<T>): T {
  return new Proxy(object, {
    get(target, name): unknown {
      if (name in methods) return Reflect.get(methods, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
