import { text } from '../aws-json';
import type { Resolve } from './intrinsics';
import type { Template } from './manifest';
import { anything, closed, isLiteral, read, refused } from './shapes';

/** An export is checked and not used, because the engine runs one stack. */
const OUTPUT = closed(
  { Value: anything },
  {
    ...{ Description: text, Export: closed({ Name: anything }, {}) },
    Condition: refused('conditions are not evaluated; decide in the CDK app'),
  },
);

/** @param report receives a problem for every output that cannot be resolved */
export function readOutputs(
  { Outputs = {} }: Template,
  resolve: Resolve,
  report: (problem: string) => void,
): Record<string, string> {
  const outputs: Record<string, string> = {};
  const literalOf = (value: unknown, name: string): string => {
    const resolved = resolve(value);
    if (isLiteral(resolved)) return String(resolved);
    throw new Error(`${name} must be a string, not ${JSON.stringify(resolved)}`);
  };
  for (const [name, given] of Object.entries(Outputs)) {
    try {
      const { Value, Export } = read(OUTPUT, given);
      outputs[name] = literalOf(Value, 'Value');
      if (Export !== undefined) literalOf(Export.Name, 'Export.Name');
    } catch (error) {
      report(`Output ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return outputs;
}
